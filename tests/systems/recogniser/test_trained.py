import numpy as np
import pytest
import torch

from inkseek.errors import ModelError
from inkseek.strokes.sketch import Sketch
from inkseek.systems.recogniser.module import create_network
from inkseek.systems.recogniser.trained import Recogniser, load_recogniser, score
from inkseek.training.recipe import write_recipe


@pytest.fixture
def recogniser(tiny):
    torch.manual_seed(0)
    return Recogniser(create_network(tiny).eval(), tiny.categories, tiny.canvas_size)


def test_neither_place_nor_size_nor_company_changes_a_score(recogniser, polygons):
    sketches = [polygons.sketches[i] for i in range(3)]
    moved = [
        Sketch(tuple(s * np.float32(2) + np.float32(64) for s in k.strokes), 1.0) for k in sketches
    ]
    expected = score(recogniser, sketches)
    np.testing.assert_allclose(score(recogniser, moved), expected, atol=1e-4)
    alone = np.concatenate([score(recogniser, [sketch]) for sketch in sketches])
    np.testing.assert_allclose(alone, expected, atol=1e-4)


def test_nothing_is_scored_as_nothing_and_an_empty_sketch_as_paper(recogniser):
    assert score(recogniser, []).shape == (0, 3)
    assert np.isfinite(score(recogniser, [Sketch((), 1.0)])).all()


def test_a_network_in_training_is_used_without_dropout_and_goes_on_training(recogniser, polygons):
    expected = score(recogniser, [polygons.sketches[0]])
    recogniser.network.train()
    np.testing.assert_array_equal(score(recogniser, [polygons.sketches[0]]), expected)
    assert recogniser.network.training


def test_a_missing_checkpoint_and_a_wrong_one_are_named(tiny, tmp_path):
    with pytest.raises(ModelError, match="train it first"):
        load_recogniser(tmp_path)
    write_recipe(tiny, "recogniser", tmp_path / "recipe.yaml")
    torch.save({"state_dict": {"network.odd": torch.zeros(1)}}, tmp_path / "last.ckpt")
    with pytest.raises(ModelError, match="does not fit"):
        load_recogniser(tmp_path)
