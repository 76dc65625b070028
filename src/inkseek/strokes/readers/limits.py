"""What a sketch file may hold, and the one place where numbers from a file become a `Sketch`."""

import contextlib
from collections.abc import Sequence
from io import BufferedIOBase
from itertools import accumulate
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Float64

from inkseek.errors import LimitError, SketchFormatError
from inkseek.strokes.sketch import Sketch

MAX_BYTES = 32 * 2**20
"""Of a file, or of one line of a file that holds many sketches."""

MAX_POINTS = 200_000
"""Of one sketch; a long evening with a tablet makes a tenth of it."""

MAX_STROKES = 20_000
"""Of one sketch."""

MAX_MAGNITUDE = 1e7
"""Of a coordinate; beyond it float32 no longer tells neighbouring pixels apart."""

MIN_CANVAS_SIZE = 1e-6
"""Below it, scaling to pixels overflows."""

MAX_MILLISECONDS = 1e10
"""Of a time since the first point: four months."""


def check_size(num_bytes: int, name: str) -> None:
    """Refuse what is too large to be a sketch, before it is parsed."""
    if num_bytes > MAX_BYTES:
        raise LimitError(
            f"{name} is larger than {MAX_BYTES >> 20} MiB, which no sketch needs; "
            "check that this is the right file"
        )


def check_counts(num_strokes: int, num_points: int, name: str) -> None:
    """Refuse a sketch with too many strokes or points."""
    if num_strokes > MAX_STROKES or num_points > MAX_POINTS:
        raise LimitError(
            f"{name} has {num_points:,} points in {num_strokes:,} strokes, but {MAX_POINTS:,} in "
            f"{MAX_STROKES:,} are allowed; simplify it"
        )


def open_file(path: Path) -> BufferedIOBase:
    """Open what must be a file, since anything else may block.

    Raises:
        SketchFormatError: There is no such file, or it cannot be read.
    """
    if not path.is_file():
        raise SketchFormatError(f"{path} is not a file; name a sketch")
    try:
        return path.open("rb")
    except OSError as error:
        raise SketchFormatError(
            f"{path} cannot be read ({error.strerror}); check who may read it"
        ) from error


def read_content(file: BufferedIOBase, name: str) -> bytes:
    """All of a file no larger than a sketch can be."""
    content = file.read(MAX_BYTES + 1)
    check_size(len(content), name)
    return content


def build_sketch(
    points: Float64[np.ndarray, "points 2"],
    lengths: Sequence[int],
    name: str,
    *,
    canvas_size: float | None = None,
    times: Float64[np.ndarray, " points"] | None = None,
    pressures: Float64[np.ndarray, " points"] | None = None,
) -> Sketch:
    """A sketch of numbers that nobody has looked at yet.

    Args:
        points: Points of all strokes.
        lengths: Points of each stroke.
        name: What errors call the sketch.
        canvas_size: Side of the canvas; without one, the sketch is shifted to the origin and its
            larger extent becomes the side.
        times: Milliseconds since any moment.
        pressures: In [0, 1]; clipped.
    """
    check_counts(len(lengths), len(points), name)
    # The comparison is false for what is not a number.
    if not (np.abs(points) <= MAX_MAGNITUDE).all():
        raise SketchFormatError(
            f"{name} has a coordinate that is infinite, not a number or beyond "
            f"{MAX_MAGNITUDE:,.0f}; save it anew"
        )
    if canvas_size is None:
        points = points - points.min(axis=0) if len(points) else points
        extent = float(points.max(initial=0.0))
        canvas_size = extent if extent > MIN_CANVAS_SIZE else 1.0
    if 0 < canvas_size < MIN_CANVAS_SIZE or canvas_size > MAX_MAGNITUDE:
        raise SketchFormatError(
            f"{name} has a canvas_size of {canvas_size:g}, but {MIN_CANVAS_SIZE:g} to "
            f"{MAX_MAGNITUDE:,.0f} are read; scale it"
        )
    if times is not None:
        times = times - times[:1]
        if not (np.abs(times) <= MAX_MILLISECONDS).all():
            raise SketchFormatError(f"{name} has a time that is not a number; save it anew")
    if pressures is not None:
        pressures = np.clip(np.nan_to_num(pressures), 0.0, 1.0)
    try:
        return Sketch(
            strokes=_cut(points, lengths),
            canvas_size=canvas_size,
            times=None if times is None else _cut(times, lengths),
            pressures=None if pressures is None else _cut(pressures, lengths),
        )
    except SketchFormatError as error:
        raise SketchFormatError(f"{name}: {error}") from None


def to_column(values: Sequence[object], name: str) -> Float64[np.ndarray, " points"]:
    """Numbers from a parsed file as an array; nothing else passes."""
    # Looked at one by one: an array that holds one long text has room for it in every place.
    if set(map(type, values)) <= {int, float}:
        with contextlib.suppress(OverflowError):
            return np.array(values, np.float64)
    raise SketchFormatError(
        f"{name} has something else than a number where a coordinate belongs; save it anew"
    )


def _cut(
    values: Float64[np.ndarray, "..."], lengths: Sequence[int]
) -> tuple[Float32[np.ndarray, "..."], ...]:
    values = values.astype(np.float32)
    ends = list(accumulate(lengths))
    return tuple(values[end - n : end] for n, end in zip(lengths, ends, strict=True))
