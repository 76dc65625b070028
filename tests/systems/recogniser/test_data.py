from dataclasses import replace

import torch

from inkseek.raster.draw import draw
from inkseek.systems.recogniser.data import RasterStream


def test_a_batch_depends_on_its_step_alone(tiny, polygons):
    batches = list(RasterStream(tiny, polygons))
    assert len(batches) == tiny.steps
    resumed = list(RasterStream(tiny, polygons, first_step=4))
    for expected, actual in zip(batches[4:], resumed, strict=True):
        assert torch.equal(expected["image"], actual["image"])
        assert torch.equal(expected["category"], actual["category"])
    assert not torch.equal(batches[0]["image"], batches[1]["image"])


def test_without_variation_training_sketches_are_drawn_as_they_are(tiny, polygons):
    plain = replace(tiny, rotation=0.0, stretch=0.0, shear=0.0, mirror=0.0)
    batch = RasterStream(plain, polygons).batch(0)
    known = {
        draw(polygons.sketches[int(i)], 84).tobytes(): int(polygons.category[i])
        for i in polygons.rows("train")
    }
    for image, category in zip(batch["image"], batch["category"], strict=True):
        assert known[image.numpy().tobytes()] == category


def test_mirroring_turns_a_sketch_over(tiny, polygons):
    plain = replace(tiny, rotation=0.0, stretch=0.0, shear=0.0, mirror=0.0)
    image = RasterStream(plain, polygons).batch(0)["image"]
    mirrored = RasterStream(replace(plain, mirror=1.0), polygons).batch(0)["image"]
    assert (image.flip(2).int() - mirrored.int()).abs().max() <= 2
    assert not torch.equal(image, mirrored)
