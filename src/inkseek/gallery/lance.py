"""A gallery in a folder: one Lance table, which LanceDB opens as the table `photos`.

Every write is one atomic commit, so that a process killed at any point leaves the last commit;
other processes may read meanwhile, and see it at their next call. We stand on `pylance`, the
library below LanceDB, because importing it takes a sixth of the time and a cold search is short.
"""

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from math import isqrt
from pathlib import Path

import lance
import numpy as np
import pyarrow as pa
from jaxtyping import Float32, Int

from inkseek.errors import GalleryError, GalleryMismatchError
from inkseek.gallery.filters import Filters
from inkseek.gallery.photos import Neighbour, PhotoInfo, PhotoRow
from inkseek.gallery.rows import INFO_COLUMNS, from_table, make_schema, read_infos, to_table
from inkseek.gallery.scan import RowScan
from inkseek.gallery.store import Gallery

TABLE = "photos.lance"

EXACT_LIMIT = 200_000
"""Up to this many photos a query is compared with every one of them, in memory."""

FEW_ROWS = 20_000
"""A filter that keeps this many of a bigger gallery, or fewer, is scanned exactly as well."""

KEEP_VERSIONS = timedelta(hours=1)
"""Readers of an earlier commit have this long to finish."""

IDS_PER_STATEMENT = 1000


class LanceGallery(Gallery):
    """The photos of one folder's table.

    Args:
        folder: Holds the table, and whatever indexing keeps beside it.
        exact_limit: Photos up to which every query is exact.

    Raises:
        GalleryError: There is no gallery in the folder, or it is damaged.
    """

    def __init__(self, folder: Path, *, exact_limit: int = EXACT_LIMIT) -> None:
        self.url = str(folder)
        self._uri = str(folder / TABLE)
        self._exact_limit = exact_limit
        if not self.exists(folder):
            raise GalleryError(
                f"no gallery at {folder}; make one with `inkseek index PHOTOS --gallery {folder}`"
            )
        self._lock = threading.Lock()
        self._loaded: _Snapshot | None = None
        self.model_digest, self.dim = _read_binding(self.url, self._open().schema)

    @staticmethod
    def exists(folder: Path) -> bool:
        """Whether a gallery was ever made in the folder."""
        return any((folder / TABLE / "_versions").glob("*.manifest"))

    @classmethod
    def create(cls, folder: Path, *, model_digest: str, dim: int) -> "LanceGallery":
        """Make an empty gallery, and the folder if need be."""
        with _reported(str(folder), "made"):
            folder.mkdir(parents=True, exist_ok=True)
            empty = make_schema(model_digest, dim).empty_table()
            lance.write_dataset(empty, str(folder / TABLE), mode="create")
        return cls(folder)

    @staticmethod
    def discard(folder: Path) -> None:
        """Remove the table of a gallery, even a damaged one, and nothing else of the folder."""
        with _reported(str(folder), "removed"):
            shutil.rmtree(folder / TABLE, ignore_errors=False)

    def upsert(self, rows: Sequence[PhotoRow]) -> None:
        """Add photos or replace those of the same id, all or none; durable on return."""
        for row in rows:
            self.check_model(row.model_digest)
            if row.embedding.shape != (self.dim,):
                raise GalleryError(
                    f"{row.path} has an embedding of shape {row.embedding.shape} but gallery "
                    f"{self.url} holds {self.dim} numbers a photo; index with its model"
                )
        last = {row.photo_id: row for row in rows}
        if last:
            table = to_table(list(last.values()), self.model_digest, self.dim)
            with _reported(self.url, "written"):
                merge = self._open().merge_insert("photo_id")
                merge.when_matched_update_all().when_not_matched_insert_all().execute(table)

    def delete(self, photo_ids: Sequence[str]) -> int:
        """Remove photos; returns how many were there."""
        removed = 0
        with _reported(self.url, "written"):
            for begin in range(0, len(photo_ids), IDS_PER_STATEMENT):
                dataset = self._open()
                condition = _among(photo_ids[begin : begin + IDS_PER_STATEMENT])
                before = dataset.count_rows()
                dataset.delete(condition)
                removed += before - dataset.count_rows()
        return removed

    def get(self, photo_ids: Sequence[str]) -> list[PhotoRow]:
        """The photos of these ids that exist, in the order asked."""
        found: dict[str, PhotoRow] = {}
        with _reported(self.url, "read"):
            dataset = self._open()
            for begin in range(0, len(photo_ids), IDS_PER_STATEMENT):
                condition = _among(photo_ids[begin : begin + IDS_PER_STATEMENT])
                rows = from_table(dataset.to_table(filter=condition), self.model_digest)
                found |= {row.photo_id: row for row in rows}
        return [found[photo_id] for photo_id in photo_ids if photo_id in found]

    def count(self, filters: Filters | None = None) -> int:
        """Photos that pass the filters."""
        with _reported(self.url, "read"):
            return int(self._open().count_rows(filter=filters.to_sql() if filters else None))

    def search(
        self, query: Float32[np.ndarray, " dim"], k: int, filters: Filters | None = None
    ) -> list[Neighbour]:
        """The photos most similar to a unit query, best first; ties by id."""
        if query.shape != (self.dim,) or not np.isfinite(query).all():
            raise GalleryError(
                f"the query has shape {query.shape} but gallery {self.url} needs {self.dim} finite "
                "numbers; embed it with the gallery's model"
            )
        condition = filters.to_sql() if filters else None
        with _reported(self.url, "read"):
            snapshot = self._snapshot()
            if snapshot.is_in_memory:
                return snapshot.search(query, k, condition)
            return _search_big(snapshot.dataset, query, k, condition)

    def iter_info(self) -> Iterator[PhotoInfo]:
        """Every photo, without its embedding."""
        with _reported(self.url, "read"):
            for batch in self._open().to_batches(columns=INFO_COLUMNS):
                yield from read_infos(batch)

    def optimize(self) -> None:
        """Join the files of many small commits, drop old ones, and index a big gallery."""
        with _reported(self.url, "written"):
            dataset = self._open()
            dataset.optimize.compact_files()
            dataset = self._open()
            num_photos = dataset.count_rows()
            if num_photos > self._exact_limit:
                dataset.create_index(
                    "embedding",
                    "IVF_SQ",
                    metric="cosine",
                    num_partitions=max(1, isqrt(num_photos)),
                    replace=True,
                )
            self._open().cleanup_old_versions(KEEP_VERSIONS)

    def reload(self) -> None:
        """Look again which model the gallery is bound to: another process may have changed it."""
        binding = _read_binding(self.url, self._open().schema)
        if binding != (self.model_digest, self.dim):
            self.model_digest, self.dim = binding
            self.close()

    def clear(self, *, model_digest: str, dim: int) -> None:
        """Remove every photo and bind the gallery to another model."""
        with _reported(self.url, "written"):
            empty = make_schema(model_digest, dim).empty_table()
            lance.write_dataset(empty, self._uri, mode="overwrite")
        self.model_digest, self.dim = model_digest, dim
        self.close()

    def close(self) -> None:
        """Forget the rows in memory."""
        with self._lock:
            self._loaded = None

    def _open(self) -> lance.LanceDataset:
        """The latest commit. Opening is a millisecond; a shared handle would not be thread-safe."""
        with _reported(self.url, "opened"):
            return lance.dataset(self._uri)

    def _snapshot(self) -> "_Snapshot":
        with self._lock:
            loaded = self._loaded
            if loaded is None or loaded.dataset.latest_version != loaded.dataset.version:
                dataset = self._open()
                binding = _read_binding(self.url, dataset.schema)
                if binding != (self.model_digest, self.dim):
                    raise GalleryMismatchError(
                        f"gallery {self.url} was indexed again by model {binding[0]} while open; "
                        "open it again with that model"
                    )
                self._loaded = loaded = _Snapshot(dataset, self.dim, self._exact_limit)
            return loaded


class _Snapshot:
    """One commit; up to the exact limit, with its rows in memory."""

    def __init__(self, dataset: lance.LanceDataset, dim: int, exact_limit: int) -> None:
        self.dataset = dataset
        self.is_in_memory = dataset.count_rows() <= exact_limit
        if self.is_in_memory:
            table = dataset.to_table(columns=["embedding"], with_row_id=True).combine_chunks()
            self._scan = RowScan(_to_matrix(table, dim))
            self._row_ids = table["_rowid"].to_numpy()
            self._infos = dataset.to_table(columns=INFO_COLUMNS).combine_chunks()
            self._select = lru_cache(maxsize=8)(self._select_rows)

    def search(
        self, query: Float32[np.ndarray, " dim"], k: int, condition: str | None
    ) -> list[Neighbour]:
        if not self.is_in_memory:
            raise GalleryError("rows are not in memory; search the table")
        rows = None if condition is None else self._select(condition)
        return _find_neighbours(self._scan, self._infos, query, k, rows)

    def _select_rows(self, condition: str) -> Int[np.ndarray, " kept"]:
        kept = self.dataset.to_table(columns=[], filter=condition, with_row_id=True)
        return np.flatnonzero(np.isin(self._row_ids, kept["_rowid"].to_numpy()))


def _search_big(
    dataset: lance.LanceDataset,
    query: Float32[np.ndarray, " dim"],
    k: int,
    condition: str | None,
) -> list[Neighbour]:
    """Through the ANN index, or exactly when few rows are left or nearly all are wanted."""
    kept = dataset.count_rows(filter=condition)
    if kept <= FEW_ROWS or k > FEW_ROWS:
        table = dataset.to_table(filter=condition)
    else:
        probes = max(20, isqrt(dataset.count_rows()) // 10)
        nearest = {"column": "embedding", "q": query, "k": k, "nprobes": probes}
        nearest |= {"metric": "cosine", "refine_factor": 4}
        table = dataset.to_table(nearest=nearest, filter=condition, prefilter=True)
    scan = RowScan(_to_matrix(table.combine_chunks(), len(query)))
    return _find_neighbours(scan, table, query, k)


def _find_neighbours(
    scan: RowScan,
    table: pa.Table,
    query: Float32[np.ndarray, " dim"],
    k: int,
    among: Int[np.ndarray, " kept"] | None = None,
) -> list[Neighbour]:
    """The first k by similarity and then by id; only they become objects."""
    nearest = scan.find_nearest(query, k, among)
    # numpy compares texts by code point, as Python does.
    ids = table["photo_id"].take(pa.array(nearest.rows)).to_numpy().astype(str)
    order = np.lexsort((ids, -nearest.similarities))[: max(k, 0)]
    rows = nearest.rows[order]
    infos = read_infos(table.take(pa.array(rows)))
    similarities = nearest.similarities[order].tolist()
    return [Neighbour(*found) for found in zip(infos, similarities, scan.matrix[rows], strict=True)]


def _to_matrix(table: pa.Table, dim: int) -> Float32[np.ndarray, "gallery dim"]:
    chunks = [chunk.flatten().to_numpy() for chunk in table["embedding"].chunks]
    if not chunks:
        return np.empty((0, dim), np.float32)
    return (
        np.concatenate(chunks).reshape(-1, dim) if len(chunks) > 1 else chunks[0].reshape(-1, dim)
    )


def _among(photo_ids: Sequence[str]) -> str:
    quoted = ("'" + photo_id.replace("'", "''") + "'" for photo_id in photo_ids)
    return f"photo_id IN ({', '.join(quoted)})"


def _read_binding(url: str, schema: pa.Schema) -> tuple[str, int]:
    metadata = schema.metadata or {}
    try:
        return metadata[b"inkseek:model_digest"].decode(), int(metadata[b"inkseek:dim"])
    except (KeyError, ValueError):
        raise GalleryError(
            f"{url} holds a Lance table that is no inkseek gallery; choose another folder"
        ) from None


@contextmanager
def _reported(url: str, action: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, RuntimeError, pa.ArrowException) as error:
        # The library adds where in its sources the error arose, after a comma.
        reason = " ".join(str(error).split())[:300]
        raise GalleryError(
            f"gallery {url} cannot be {action} ({reason}); check the disk, or make it again with "
            "`inkseek index --rebuild`"
        ) from error
