"""What each canvas would bring each sketch, measured once, before the selector is trained.

The student is frozen while the selector learns, so its embeddings of every sketch at every canvas
size and degree of completion are known beforehand, and so are the ranks that they lead to.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int, Int64, Num

from inkseek.errors import DatasetError
from inkseek.metrics.ranking import ranks

CHUNK = 4096
"""Sketches compared with the gallery at a time, which bounds the memory."""

PerSketch = Float32[np.ndarray, " query"]


@dataclass(frozen=True, eq=False)
class Outcomes:
    """How well the true photo is found.

    Attributes:
        ranks: Of the true photo among the photos of its group, from 1; ties lose.
        triplets: Triplet loss (Eq. 1), averaged over all other photos of the group: what the one
            random negative of the paper amounts to on average. Zero where there is no other.
    """

    ranks: Int64[np.ndarray, "levels canvases sketches"]
    triplets: Float32[np.ndarray, "levels canvases sketches"]


def measure_outcomes(
    embeddings: Float[np.ndarray, "levels canvases sketches dim"],
    photos: Float[np.ndarray, "gallery dim"],
    photo_of: Int[np.ndarray, " sketches"],
    *,
    photo_group: Int[np.ndarray, " gallery"] | None = None,
    margin: float = 0.2,
) -> Outcomes:
    """Rank every sketch, at every level and canvas, against the photos of its group.

    Args:
        embeddings: The student's rows of sketches; half precision will do. They are brought to
            unit length here, as are the photos'.
        photos: The student's rows of photos at full size, one a photo.
        photo_of: Row of the true photo of each sketch; sketches may share one.
        photo_group: A sketch competes with the photos of its true photo's group; by default with
            all.
        margin: Of the triplet loss, in squared distance.

    Raises:
        DatasetError: A true photo is not in the gallery, or an embedding is not a number.
    """
    outside = np.flatnonzero((photo_of < 0) | (photo_of >= len(photos)))
    if len(outside):
        raise DatasetError(
            f"sketch {outside[0]} has photo {photo_of[outside[0]]} of a gallery of {len(photos)}; "
            "every sketch needs its photo there"
        )
    group = np.zeros(len(photos), dtype=np.int64) if photo_group is None else photo_group
    unit_photos = _to_unit(photos)
    shape = embeddings.shape[:3]
    found = Outcomes(np.ones(shape, dtype=np.int64), np.zeros(shape, dtype=np.float32))
    for number in np.unique(group):
        gallery = np.flatnonzero(group == number)
        row_of = np.zeros(len(photos), dtype=np.int64)
        row_of[gallery] = np.arange(len(gallery))
        members = np.flatnonzero(group[photo_of] == number)
        for sketches in np.array_split(members, range(CHUNK, len(members), CHUNK)):
            for place in np.ndindex(shape[:2]):
                rank, triplet = _compare(
                    _to_unit(embeddings[(*place, sketches)]),
                    unit_photos[gallery],
                    row_of[photo_of[sketches]],
                    margin,
                )
                found.ranks[(*place, sketches)] = rank
                found.triplets[(*place, sketches)] = triplet
    return found


def oracle_canvas(
    canvas_ranks: Int[np.ndarray, "canvases sketches"],
) -> Int64[np.ndarray, " sketches"]:
    """The smallest canvas that ranks the true photo first: what a perfect selector would choose.

    Where none does, the smallest of those that rank it best: a lower rank is worth paying for.

    Args:
        canvas_ranks: Canvases in order of size.
    """
    return np.asarray(canvas_ranks.argmin(axis=0), dtype=np.int64)


def _compare(
    sketches: Float32[np.ndarray, "query dim"],
    photos: Float32[np.ndarray, "gallery dim"],
    photo_of: Int64[np.ndarray, " query"],
    margin: float,
) -> tuple[Int64[np.ndarray, " query"], PerSketch]:
    distances = 2.0 - 2.0 * sketches @ photos.T
    own = photo_of[:, None] == np.arange(len(photos))
    violations = np.maximum(0.0, margin + distances[own][:, None] - distances)
    violations[own] = 0.0
    triplets = violations.sum(axis=1) / max(len(photos) - 1, 1)
    return ranks(distances, own), triplets.astype(np.float32)


def _to_unit(rows: Num[np.ndarray, "rows dim"]) -> Float32[np.ndarray, "rows dim"]:
    wide = rows.astype(np.float32)
    return np.asarray(wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-12))
