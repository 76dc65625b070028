import numpy as np
import pytest
import torch

from inkseek.data.tasks import make_tasks
from inkseek.errors import ModelError
from inkseek.raster.draw import draw
from inkseek.systems.zse.encode import encode_drawn, encode_photos, encode_sketches
from inkseek.systems.zse.train import encode_task


def test_sketches_and_photos_are_encoded_as_validation_does(vit, families):
    """Two roads: the functions for any images, and that for a task."""
    tasks = make_tasks([families.pairs], "test", frozenset({"family 3"}))
    (task,) = [task for task in tasks if task.name == "sketchy/unseen"]
    expected = encode_task(vit, families, task, vit.config.image_size)
    sketches = encode_sketches(vit, [families.sketches[int(i)] for i in task.queries])
    photos = encode_photos(vit, [families.photos[i] for i in task.gallery])
    for actual, wanted in zip((sketches, photos), expected, strict=True):
        torch.testing.assert_close(actual.tokens, wanted.tokens)


def test_photos_of_any_shape_are_fitted(vit):
    wide = np.random.default_rng(0).integers(0, 256, (30, 90, 3), dtype=np.uint8)
    assert encode_photos(vit, [wide, wide[:, :40]]).tokens.shape == (2, 17, 32)


def test_what_is_drawn_already_is_taken_as_it_is(vit, families):
    sketch = families.sketches[0]
    drawn = encode_drawn(vit, draw(sketch, vit.config.image_size)[None])
    torch.testing.assert_close(drawn.tokens, encode_sketches(vit, [sketch]).tokens)


def test_nothing_to_encode_is_an_error(vit):
    with pytest.raises(ModelError, match="there are no images"):
        encode_photos(vit, [])
