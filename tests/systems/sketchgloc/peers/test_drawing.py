import numpy as np
import pytest

from inkseek.raster.draw import draw
from inkseek.strokes.sketch import Sketch
from inkseek.systems.sketchgloc.data import collate
from inkseek.systems.sketchgloc.peers.drawing import cut_patches, draw_placed, place


@pytest.fixture
def placed(sketches, limits):
    batch = collate(sketches, sketches, limits)
    return place(batch["points"], batch["lengths"], 64)


def test_a_batch_of_nodes_is_drawn_as_its_strokes_are(placed, sketches):
    images = draw_placed(placed, 64)
    for image, strokes in zip(images, sketches, strict=True):
        expected = draw(Sketch(tuple(strokes), 1.0), 64, pen_width=1 / 64)
        # Fitting in two ways rounds differently.
        assert np.abs(image.astype(int) - expected.astype(int)).max() <= 2


def test_lines_are_a_pixel_wide_at_least(placed):
    assert draw_placed(placed, 64).min(axis=(1, 2)).max() < 60


def test_patches_are_windows_around_points(placed):
    batch = cut_patches(placed, 64, 16, every=3, limit=4)
    whole = draw_placed(placed, 64)
    assert batch.present.sum(axis=1).tolist() == [5, 3, 5]
    node = 0
    for image, sketch, present in zip(whole, placed, batch.present, strict=True):
        padded = np.full((80, 80), 255, dtype=np.uint8)
        padded[8:72, 8:72] = image
        assert np.array_equal(batch.images[node], draw(sketch, 16))
        centres = np.concatenate(sketch.strokes)[::3]
        for x, y in centres.round().astype(int)[: present.sum() - 1]:
            node += 1
            assert np.array_equal(batch.images[node], padded[y : y + 16, x : x + 16])
        node += 1
    assert node == len(batch.images)


def test_every_patch_has_its_line_in_the_middle(placed):
    batch = cut_patches(placed, 64, 16, every=1, limit=100)
    patches = batch.images[1 : batch.present[0].sum()]
    assert (patches[:, 6:10, 6:10].min(axis=(1, 2)) < 160).all()


def test_centres_are_shares_of_the_canvas(placed):
    batch = cut_patches(placed, 64, 16, every=2, limit=3)
    assert not batch.centres[:, 0].any()
    assert not batch.centres[~batch.present].any()
    expected = np.concatenate(placed[0].strokes)[[0, 2, 4]] / 64
    np.testing.assert_allclose(batch.centres[0, 1:], expected, rtol=1e-6)
