"""Raster drawings to strokes: scans, screenshots, sketch data sets, photographed pages.

The page is flattened (ink divided by the local paper brightness), thresholded by Otsu's method,
thinned to lines one pixel wide (Zhang & Suen 1984), and the lines are walked from their ends,
going straight on at crossings as a pen does.
"""

from typing import no_type_check

import numpy as np
from jaxtyping import Bool, Float32, UInt8
from numba import njit
from PIL import Image, ImageFilter

from inkseek.errors import SketchFormatError
from inkseek.strokes.sketch import Sketch

MAX_SIDE = 512
"""Larger drawings are reduced to this side first: a traced line is one pixel wide anyway."""

MIN_CONTRAST = 0.12
"""Ink must be this much darker than its paper, as a share of the paper's brightness."""

MIN_BRANCH = 4
"""Shorter branches, in pixels, are spurs of the thinning."""

LOOK_BACK = 5
"""Pixels behind the pen over which its direction is measured."""


def trace(gray: UInt8[np.ndarray, "height width"]) -> Sketch:
    """Follow the lines of a drawing as pen strokes, longest tracks first at each crossing.

    Args:
        gray: Brightness; dark ink on lighter paper, or the reverse (the majority is paper).

    Returns:
        Strokes in pixels of the (possibly reduced) drawing, about two pixels between points.

    Raises:
        SketchFormatError: The image is blank.
    """
    paper = _flatten_page(_limit_side(gray))
    lines = _thin(_find_ink(paper))
    walked, lengths = _walk(lines)
    strokes = np.split(walked.astype(np.float32) + np.float32(0.5), np.cumsum(lengths)[:-1])
    strokes = [_smooth(stroke) for stroke in strokes if len(stroke)]
    if not strokes:
        raise SketchFormatError("the drawing is blank: no line is darker than its background")
    return Sketch(tuple(strokes), float(max(lines.shape)))


def trace_edges(
    gray: UInt8[np.ndarray, "height width"], *, share: float = 0.1, min_length: int = 10
) -> Sketch:
    """A pseudo-sketch of a photo: its strongest brightness edges, thinned and walked.

    Args:
        gray: Brightness of the photo.
        share: Share of the pixels, by gradient, that may become edges.
        min_length: Shorter tracks, in pixels, are texture rather than contour and are left out.

    Returns:
        Strokes in pixels of the photo; none for a photo without edges.
    """
    soft = np.asarray(Image.fromarray(gray).filter(ImageFilter.GaussianBlur(1)), np.float32)
    down, right = np.gradient(soft)
    slope = np.hypot(down, right)
    walked, lengths = _walk(_thin(slope > max(float(np.quantile(slope, 1 - share)), 4.0)))
    tracks = np.split(walked.astype(np.float32) + np.float32(0.5), np.cumsum(lengths)[:-1])
    strokes = tuple(_smooth(track) for track in tracks if len(track) >= min_length)
    return Sketch(strokes, float(max(gray.shape)))


def _limit_side(gray: UInt8[np.ndarray, "height width"]) -> UInt8[np.ndarray, "_height _width"]:
    if max(gray.shape) <= MAX_SIDE:
        return gray
    image = Image.fromarray(gray)
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BOX)
    return np.asarray(image)


def _flatten_page(
    gray: UInt8[np.ndarray, "height width"],
) -> Float32[np.ndarray, "height width"]:
    """Brightness relative to the paper nearby: 1 is paper, 0 is black, whatever the lamp."""
    if np.median(gray) < 128 and np.median(_border(gray)) < 128:
        gray = 255 - gray
    # Paper is what is left when thin dark lines are closed; blur makes its estimate smooth.
    reach = max(gray.shape) // 32 * 2 + 1
    small = Image.fromarray(gray).reduce(2) if min(gray.shape) >= 64 else Image.fromarray(gray)
    paper = small.filter(ImageFilter.MaxFilter(reach)).filter(ImageFilter.GaussianBlur(reach))
    background = np.asarray(paper.resize(gray.shape[::-1], Image.Resampling.BILINEAR), np.float32)
    return np.minimum(gray / np.maximum(background, 1.0), 1.0).astype(np.float32)


def _border(gray: UInt8[np.ndarray, "height width"]) -> UInt8[np.ndarray, " _pixels"]:
    return np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])


def _find_ink(paper: Float32[np.ndarray, "height width"]) -> Bool[np.ndarray, "height width"]:
    """Otsu's threshold, but never so light that paper grain becomes ink."""
    counts = np.bincount((paper * 255).astype(np.int64).ravel(), minlength=256)
    levels = np.arange(256)
    below = np.cumsum(counts).astype(np.float64)
    above = below[-1] - below
    mean_below = np.cumsum(counts * levels) / np.maximum(below, 1)
    mean_above = ((counts * levels).sum() - np.cumsum(counts * levels)) / np.maximum(above, 1)
    threshold = int(np.argmax(below * above * (mean_below - mean_above) ** 2))
    return np.asarray(paper * 255 <= min(threshold, 255 * (1 - MIN_CONTRAST)))


def _smooth(stroke: Float32[np.ndarray, "_points 2"]) -> Float32[np.ndarray, "_kept 2"]:
    """Take the staircase out of a pixel path, then keep every second point and both ends."""
    for _ in range(2):
        if len(stroke) > 2:
            inner = (stroke[:-2] + 2 * stroke[1:-1] + stroke[2:]) / 4
            stroke = np.concatenate([stroke[:1], inner, stroke[-1:]])
    return stroke if len(stroke) < 3 else np.concatenate([stroke[:-1:2], stroke[-1:]])


@njit(cache=True, nogil=True)
@no_type_check
def _thin(ink):  # noqa: ANN001, ANN202, C901
    """Zhang & Suen (1984): peel border pixels in two alternating passes until none is left."""
    height, width = ink.shape
    lines = np.zeros((height + 2, width + 2), dtype=np.bool_)
    lines[1:-1, 1:-1] = ink
    peeled = np.zeros_like(lines)
    changed = True
    while changed:
        changed = False
        for step in range(2):
            peeled[:] = False
            for y in range(1, height + 1):
                for x in range(1, width + 1):
                    if not lines[y, x]:
                        continue
                    n = lines[y - 1, x]
                    ne = lines[y - 1, x + 1]
                    e = lines[y, x + 1]
                    se = lines[y + 1, x + 1]
                    s = lines[y + 1, x]
                    sw = lines[y + 1, x - 1]
                    w = lines[y, x - 1]
                    nw = lines[y - 1, x - 1]
                    around = n + ne + e + se + s + sw + w + nw
                    if around < 2 or around > 6:
                        continue
                    turns = (
                        (not n and ne)
                        + (not ne and e)
                        + (not e and se)
                        + (not se and s)
                        + (not s and sw)
                        + (not sw and w)
                        + (not w and nw)
                        + (not nw and n)
                    )
                    if turns != 1:
                        continue
                    if step == 0:
                        edge = not (n and e and s) and not (e and s and w)
                    else:
                        edge = not (n and e and w) and not (n and s and w)
                    if edge:
                        peeled[y, x] = True
                        changed = True
            for y in range(1, height + 1):
                for x in range(1, width + 1):
                    if peeled[y, x]:
                        lines[y, x] = False
    return lines[1:-1, 1:-1].copy()


@njit(cache=True, nogil=True)
@no_type_check
def _count_free(lines, seen, y, x):  # noqa: ANN001, ANN202
    count = 0
    for v in range(max(0, y - 1), min(lines.shape[0], y + 2)):
        for u in range(max(0, x - 1), min(lines.shape[1], x + 2)):
            if lines[v, u] and not seen[v, u] and (v != y or u != x):
                count += 1
    return count


@njit(cache=True, nogil=True)
@no_type_check
def _find_drawn(seen, y, x):  # noqa: ANN001, ANN202
    """A neighbour that a track has covered already, or (-1, -1)."""
    for v in range(max(0, y - 1), min(seen.shape[0], y + 2)):
        for u in range(max(0, x - 1), min(seen.shape[1], x + 2)):
            if seen[v, u]:
                return v, u
    return -1, -1


@njit(cache=True, nogil=True)
@no_type_check
def _find_ahead(lines, seen, y, x, heading_y, heading_x):  # noqa: ANN001, ANN202
    """The free neighbour that lies most nearly straight on, or (-1, -1) at an end."""
    best = -1e9
    best_y = best_x = -1
    for v in range(max(0, y - 1), min(lines.shape[0], y + 2)):
        for u in range(max(0, x - 1), min(lines.shape[1], x + 2)):
            if lines[v, u] and not seen[v, u]:
                dy = v - y
                dx = u - x
                length = np.sqrt(float(dy * dy + dx * dx))
                ahead = (heading_y * dy + heading_x * dx) / length - 0.01 * length
                if ahead > best:
                    best = ahead
                    best_y = v
                    best_x = u
    return best_y, best_x


@njit(cache=True, nogil=True)
@no_type_check
def _walk(lines):  # noqa: ANN001, ANN202
    """Cover the thinned lines by pen tracks; returns (x, y) pixels and the length of each track.

    Ends are started from before anything else, so that a line is not cut in its middle. A track
    that begins beside a drawn one starts on it, which closes branches and loops.
    """
    height, width = lines.shape
    seen = np.zeros((height, width), dtype=np.bool_)
    total = lines.sum()
    path = np.empty((2 * total + 2, 2), dtype=np.int32)
    lengths = np.zeros(total + 1, dtype=np.int64)
    used = 0
    tracks = 0
    for only_ends in (True, False):
        for y0 in range(height):
            for x0 in range(width):
                if not lines[y0, x0] or seen[y0, x0]:
                    continue
                if only_ends and _count_free(lines, seen, y0, x0) != 1:
                    continue
                begin = used
                joint_y, joint_x = _find_drawn(seen, y0, x0)
                if joint_y >= 0:
                    path[used, 0] = joint_x
                    path[used, 1] = joint_y
                    used += 1
                y = y0
                x = x0
                while y >= 0:
                    seen[y, x] = True
                    path[used, 0] = x
                    path[used, 1] = y
                    used += 1
                    back = max(begin, used - 1 - LOOK_BACK)
                    y, x = _find_ahead(lines, seen, y, x, y - path[back, 1], x - path[back, 0])
                # Thinning leaves a pixel or two beside crossings that no pen drew.
                if joint_y >= 0 and used - begin < MIN_BRANCH:
                    used = begin
                    continue
                lengths[tracks] = used - begin
                tracks += 1
    return path[:used].copy(), lengths[:tracks].copy()
