"""Rows of a batch to pixels: sketches drawn with small changes of hand and pen, photos cropped.

The two sides of a pair are mirrored together (the reference code of this field mirrors whole
triplets), everything else is drawn for each on its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64, UInt8
from PIL import Image

from inkseek.data.pack import PackedSet
from inkseek.data.sampler import Row
from inkseek.raster.draw import draw
from inkseek.strokes.augment import affine, drop_strokes, jitter_points, jitter_strokes
from inkseek.strokes.geometry import flip
from inkseek.strokes.sketch import Sketch


@dataclass(frozen=True)
class ViewConfig:
    """Strength of the augmentation.

    Attributes:
        flip: Probability of mirroring a pair.
        drop: Largest share of ink that may be left out.
        edge_drop: The same for pseudo-sketches, which hold more lines than a person draws.
        jitter: Wobble of points, as a share of the canvas.
        stroke_jitter: Displacement of whole strokes, as a share of the canvas.
        rotation: Largest rotation in degrees.
        stretch: Largest change of aspect, as a share.
        thinnest: Smallest pen width, as a share of the canvas.
        thickest: Largest pen width.
        crop: Smallest share of a photo's side that a crop keeps.
        colour: Strength of brightness and contrast changes.
        gray: Probability of a photo without colour.
    """

    flip: float = 0.5
    drop: float = 0.25
    edge_drop: float = 0.6
    jitter: float = 0.006
    stroke_jitter: float = 0.01
    rotation: float = 8.0
    stretch: float = 0.12
    thinnest: float = 2 / 256
    thickest: float = 5 / 256
    crop: float = 0.8
    colour: float = 0.2
    gray: float = 0.15


@dataclass(frozen=True, eq=False)
class Views:
    """Pixels of a batch; row for row the sketch and photo of a pair.

    Attributes:
        sketches: For each canvas size, the same sketches drawn at it.
        photo: The photos.
        category: Numbers of categories.
        block: Rows of one block are peers; ``-1`` has none.
    """

    sketches: Mapping[int, UInt8[np.ndarray, "query _canvas _canvas"]]
    photo: UInt8[np.ndarray, "query side side 3"]
    category: Int64[np.ndarray, " query"]
    block: Int64[np.ndarray, " query"]


def make_views(
    rows: Sequence[Row],
    sets: Sequence[PackedSet],
    canvas_sizes: Sequence[int],
    photo_size: int,
    config: ViewConfig,
    generator: np.random.Generator,
) -> Views:
    """Draw every sketch of a batch at each canvas size and crop its photo to ``photo_size``."""
    sketches, photos = [], []
    for row in rows:
        packed = sets[row.sketch_set]
        mirrored = generator.random() < config.flip
        source = packed.edges if row.is_edge else packed.sketches
        drop = config.edge_drop if row.is_edge else config.drop
        sketches.append(
            _view_sketch(source[row.sketch], mirrored, drop, canvas_sizes, config, generator)
        )
        photo = sets[row.photo_set].photos[row.photo]
        photos.append(_view_photo(photo, mirrored, photo_size, config, generator))
    category = np.array([row.category for row in rows], dtype=np.int64)
    block = np.array([row.block for row in rows], dtype=np.int64)
    drawn = {size: np.stack(images) for size, *images in zip(canvas_sizes, *sketches, strict=True)}
    return Views(drawn, np.stack(photos), category, block)


def _view_sketch(
    sketch: Sketch,
    mirrored: bool,
    drop: float,
    canvas_sizes: Sequence[int],
    config: ViewConfig,
    generator: np.random.Generator,
) -> list[UInt8[np.ndarray, "_canvas _canvas"]]:
    if not sketch.strokes:
        return [np.full((size, size), 255, dtype=np.uint8) for size in canvas_sizes]
    if mirrored:
        sketch = flip(sketch)
    sketch = drop_strokes(sketch, drop * generator.random(), generator=generator)
    sketch = affine(
        sketch, rotation=config.rotation, stretch=config.stretch, shear=0.0, generator=generator
    )
    sketch = jitter_strokes(sketch, config.stroke_jitter, generator=generator)
    sketch = jitter_points(sketch, config.jitter, generator=generator)
    pen_width = generator.uniform(config.thinnest, config.thickest)
    margin = generator.uniform(0.02, 0.12)
    return [draw(sketch, size, pen_width=pen_width, margin=margin) for size in canvas_sizes]


def _view_photo(
    photo: UInt8[np.ndarray, "height width 3"],
    mirrored: bool,
    canvas_size: int,
    config: ViewConfig,
    generator: np.random.Generator,
) -> UInt8[np.ndarray, "side side 3"]:
    side = photo.shape[0]
    width, height = side * generator.uniform(config.crop, 1.0, size=2)
    left = generator.uniform(0, side - width)
    top = generator.uniform(0, side - height)
    image = Image.fromarray(photo).resize(
        (canvas_size, canvas_size),
        Image.Resampling.BILINEAR,
        box=(left, top, left + width, top + height),
    )
    pixels: Float32[np.ndarray, "side side 3"] = np.asarray(image, np.float32)
    if mirrored:
        pixels = pixels[:, ::-1]
    if generator.random() < config.gray:
        pixels = np.repeat(pixels.mean(axis=2, keepdims=True), 3, axis=2)
    contrast, brightness = 1 + config.colour * generator.uniform(-1, 1, size=2)
    pixels = (pixels - 255) * contrast + 255 * brightness
    clipped: UInt8[np.ndarray, "side side 3"] = np.clip(pixels, 0, 255).astype(np.uint8)
    return clipped
