"""The photos of a site as files: embeddings, what the page must know of each, and thumbnails.

Nothing of a photo leaves but what the page shows or ranks by: no path, no digest, no time, and of
its pixels only the thumbnail, which carries no metadata.
"""

import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float16, Float32

from inkseek.card import ModelCard
from inkseek.errors import InkseekError
from inkseek.feedback import ALPHA, BETA, GAMMA
from inkseek.gallery import Gallery
from inkseek.gallery.duplicates import MAX_BITS, MIN_SIMILARITY
from inkseek.gallery.photos import PhotoInfo, PhotoRow
from inkseek.isolate import IsolatedPool
from inkseek.search import MIN_CANDIDATES, NUM_JUDGED, NUM_RIVALS, NUM_TRUSTED
from inkseek.server.thumbnails import SECONDS, WORKER_BYTES, make_thumbnail

THUMBNAIL_SIDE = 360
"""Longer side in pixels of the pictures."""

ROWS_AT_ONCE = 1_000

RANKING = {
    "rivals": NUM_RIVALS,
    "judged": NUM_JUDGED,
    "trusted": NUM_TRUSTED,
    "least_candidates": MIN_CANDIDATES,
    "near_bits": MAX_BITS,
    "near_similarity": MIN_SIMILARITY,
    "query_weight": ALPHA,
    "liked_weight": BETA,
    "disliked_weight": GAMMA,
}
"""Constants of `Searcher` and of relevance feedback that the page's own search needs."""


def choose_newest(infos: Iterable[PhotoInfo], count: int) -> list[PhotoInfo]:
    """The `count` photos that were taken last, in the order of their paths.

    A photo that does not say when it was taken counts by the time of its file.
    """

    def taken(info: PhotoInfo) -> tuple[float, str]:
        if info.taken_at is None:
            return info.modified_ns / 1e9, info.path
        return info.taken_at.timestamp(), info.path

    newest = sorted(infos, key=taken, reverse=True)[:count]
    return sorted(newest, key=lambda info: info.path)


def write_thumbnails(
    infos: Sequence[PhotoInfo], folder: Path, on_progress: Callable[[int, int], None]
) -> list[PhotoInfo]:
    """Write `0.jpg`, `1.jpg`, ... in killable processes; returns the photos that have one.

    A photo whose file is gone or damaged by now has none, and the others close the gap.
    """
    numbers = {info.path: i for i, info in enumerate(infos)}
    made: dict[int, Path] = {}
    with IsolatedPool(os.cpu_count() or 1, seconds=SECONDS, memory_bytes=WORKER_BYTES) as pool:
        for done, (path, result) in enumerate(
            pool.map_unordered(_make_thumbnail, list(numbers)), start=1
        ):
            if not isinstance(result, InkseekError):
                made[numbers[path]] = folder / f"made-{numbers[path]}"
                made[numbers[path]].write_bytes(result)
            on_progress(done, len(infos))
    kept = sorted(made)
    for place, number in enumerate(kept):
        made[number].rename(folder / f"{place}.jpg")
    return [infos[number] for number in kept]


def write_gallery(
    infos: Sequence[PhotoInfo], gallery: Gallery, card: ModelCard, folder: Path
) -> None:
    """Write `embeddings.f16` and `gallery.json`, which names the photos in the same order.

    Embeddings are little-endian float16, row by row. Halves move the similarity of two unit rows
    by less than 0.0005: each number by a relative 2^-11 at most.
    """
    rows = _read_embeddings(infos, gallery)
    (folder / "embeddings.f16").write_bytes(to_half(rows).tobytes())
    content = {
        "model": gallery.model_digest,
        "dim": gallery.dim,
        "calibration": card.calibration.model_dump(),
        "ranking": RANKING,
        "names": [Path(info.path).name for info in infos],
        "near_keys": [f"{info.near_key:016x}" for info in infos],
        "copies": [len(info.copies) for info in infos],
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    (folder / "gallery.json").write_text(text, encoding="utf-8")


def to_half(rows: Float32[np.ndarray, "gallery dim"]) -> Float16[np.ndarray, "gallery dim"]:
    """Rows in half the bytes, low byte first."""
    return rows.astype("<f2")


def _read_embeddings(
    infos: Sequence[PhotoInfo], gallery: Gallery
) -> Float32[np.ndarray, "photos dim"]:
    found: list[PhotoRow] = []
    for begin in range(0, len(infos), ROWS_AT_ONCE):
        ids = [info.photo_id for info in infos[begin : begin + ROWS_AT_ONCE]]
        found.extend(gallery.get(ids))
    if len(found) < len(infos):
        raise InkseekError(f"gallery {gallery.url} changed during the export; export again")
    return np.stack([row.embedding for row in found])


def _make_thumbnail(path: str) -> bytes:
    return make_thumbnail(Path(path), THUMBNAIL_SIDE)
