"""Bring a gallery up to date with folders of photos.

Photos are committed in batches. A run that is killed loses the batch at hand only; the next one
compares gallery and disk again and goes on from there.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from inkseek.errors import GalleryError, InkseekError, PhotoError
from inkseek.gallery import Gallery, PhotoInfo, PhotoRow
from inkseek.gallery.store import gallery_folder
from inkseek.indexing.decode import DecodedFile, DecodeJob, decode_files
from inkseek.indexing.embed import PhotoEncoder, embed_rows
from inkseek.indexing.folders import remember_folders
from inkseek.indexing.ledger import Ledger
from inkseek.indexing.lock import hold_lock
from inkseek.indexing.quarantine import Quarantine, Quarantined
from inkseek.indexing.scan import FileStamp, Scan, ScanOptions, is_below, scan_folders

Outcome = tuple[DecodeJob, DecodedFile | InkseekError]


@dataclass(frozen=True)
class IndexSummary:
    """Files of one run by what became of them, and its duration.

    Attributes:
        added: New photos.
        updated: Files whose content changed.
        moved: Files found under another path.
        deleted: Files that are gone.
        unchanged: Files that needed nothing.
        quarantined: Files that cannot be indexed; `inkseek quarantine` says why.
        duplicates: Files found to hold the same content as another.
        seconds: Duration.
    """

    added: int
    updated: int
    moved: int
    deleted: int
    unchanged: int
    quarantined: int
    duplicates: int
    seconds: float


@dataclass(frozen=True)
class IndexProgress:
    """A batch that is safe on disk.

    Attributes:
        done: Files dealt with so far.
        total: Files that need work in this run.
        committed: Paths of this batch that are in the gallery now.
        quarantined: Files of this batch that were put aside.
    """

    done: int
    total: int
    committed: tuple[str, ...]
    quarantined: tuple[Quarantined, ...] = ()


def index_folders(
    paths: Sequence[Path],
    gallery: Gallery,
    encoder: PhotoEncoder,
    *,
    workers: int | None = None,
    batch_size: int = 256,
    options: ScanOptions | None = None,
    on_progress: Callable[[IndexProgress], None] = lambda progress: None,
) -> IndexSummary:
    """Add, update, move and delete photos until the gallery agrees with the disk.

    Args:
        paths: Folders and photo files. Photos of the gallery elsewhere are left alone.
        gallery: To bring up to date.
        encoder: The model of the gallery.
        workers: Decoding processes; one a processor that we may run on when None.
        batch_size: Photos in one commit.
        options: How folders are walked.
        on_progress: Called after each commit; what it raises ends the run there.

    Raises:
        PhotoError: A path does not exist, or a folder lost all its photos.
        GalleryError: Another process indexes, or the gallery cannot be written.
        GalleryMismatchError: The gallery belongs to another model.
    """
    start = time.monotonic()
    gallery.check_model(encoder.digest)
    options = options or ScanOptions()
    folder = gallery_folder(gallery.url)
    with hold_lock(folder):
        scan = scan_folders(paths, options)
        ledger = Ledger(gallery.iter_info(), scan)
        if not options.allow_empty:
            check_mounted(ledger)
        run = _Run(gallery, encoder, scan, ledger, Quarantine(folder))
        remember_folders(folder, scan.roots)
        counts = run.go(workers or count_processors(), batch_size, on_progress)
    names = ("added", "updated", "moved", "deleted", "unchanged", "quarantined", "duplicates")
    return IndexSummary(**{name: counts[name] for name in names}, seconds=time.monotonic() - start)


def check_mounted(ledger: Ledger) -> None:
    """Refuse to delete all photos of a folder: more likely its disk is not mounted.

    Raises:
        PhotoError: A folder has no photos any more.
    """
    for root, count in ledger.find_emptied().items():
        raise PhotoError(
            f"{root} has no photos now, but the gallery has {count} of it; mount its disk, or "
            "pass --allow-empty to remove them from the gallery"
        )


def count_processors() -> int:
    """Processors that this process may run on: a container or `taskset` may leave it few."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Run:
    """One run: the gallery, the disk, and what is known of both."""

    def __init__(
        self,
        gallery: Gallery,
        encoder: PhotoEncoder,
        scan: Scan,
        ledger: Ledger,
        quarantine: Quarantine,
    ) -> None:
        self._gallery = gallery
        self._encoder = encoder
        self._scan = scan
        self._ledger = ledger
        self._quarantine = quarantine
        self._counts: Counter[str] = Counter()

    def go(
        self, workers: int, batch_size: int, on_progress: Callable[[IndexProgress], None]
    ) -> Counter[str]:
        """Do all of it; returns how many files met which fate."""
        self._counts["unchanged"] = self._ledger.count_unchanged()
        jobs = self._plan()
        workers = min(workers, max(1, len(jobs)))
        done = 0
        if jobs:
            # The next photos are decoded while a batch is embedded and written.
            with closing(decode_files(jobs, workers=workers, ahead=2 * batch_size)) as decoded:
                for batch in _in_batches(decoded, batch_size):
                    committed, failed = self._commit(batch)
                    done += len(batch)
                    on_progress(IndexProgress(done, len(jobs), committed, failed))
        shrunk, orphans = self._ledger.find_shrunk(), self._ledger.find_orphans()
        self._gallery.upsert(self._redescribe(shrunk))
        self._gallery.delete(orphans)
        self._counts["deleted"] = self._ledger.count_deleted()
        if jobs or shrunk or orphans:
            self._gallery.optimize()
        return self._counts

    def _plan(self) -> list[DecodeJob]:
        """Files to decode; those known to fail, and unchanged, are passed over."""
        known = self._quarantine.read()
        files = self._scan.files
        candidates = self._ledger.find_candidates()
        todo = [p for p in candidates if p not in known or known[p].stamp != files[p]]
        skipped = set(candidates) - set(todo)
        outside = {path for path in known if not is_below(path, self._scan.roots)}
        problems = [
            Quarantined(path, reason, 0, 0) for path, reason in self._scan.unreadable.items()
        ]
        kept = [known[path] for path in known if path in outside | skipped]
        self._quarantine.replace([*kept, *problems])
        self._counts["quarantined"] = len(skipped) + len(problems)
        return [
            DecodeJob(path, self._encoder.photo_size, self._ledger.ids_of_size(files[path].size))
            for path in todo
        ]

    def _commit(self, batch: Sequence[Outcome]) -> tuple[tuple[str, ...], tuple[Quarantined, ...]]:
        """Write what a batch found, in one commit: paths in the gallery, and files put aside."""
        failed: list[Quarantined] = []
        fresh: dict[str, DecodedFile] = {}
        touched: set[str] = set()
        committed: list[str] = []
        for job, outcome in batch:
            stamp = self._scan.files[job.path]
            if isinstance(outcome, InkseekError):
                failed.append(Quarantined(job.path, str(outcome), stamp.size, stamp.modified_ns))
                continue
            if self._ledger.knows(outcome.photo_id):
                fate = self._ledger.claim(outcome.photo_id, job.path, stamp)
                touched.add(outcome.photo_id)
            else:
                fate = self._ledger.add(_describe(job, outcome, stamp))
                fresh[outcome.photo_id] = outcome
            self._counts[fate] += 1
            committed.append(job.path)
        self._write(fresh, touched - set(fresh))
        self._quarantine.append(failed)
        self._counts["quarantined"] += len(failed)
        return tuple(committed), tuple(failed)

    def _write(self, fresh: dict[str, DecodedFile], touched: Iterable[str]) -> None:
        rows = embed_rows(
            [self._ledger.describe(photo_id) for photo_id in fresh],
            [each.photo.pixels for each in fresh.values() if each.photo],
            self._encoder,
        )
        self._gallery.upsert([*rows, *self._redescribe(touched)])

    def _redescribe(self, photo_ids: Iterable[str]) -> list[PhotoRow]:
        """Rows of the gallery with the files that hold them now."""
        return [
            replace(row, **vars(self._ledger.describe(row.photo_id)))
            for row in self._gallery.get(sorted(photo_ids))
        ]


def _describe(job: DecodeJob, decoded: DecodedFile, stamp: FileStamp) -> PhotoInfo:
    if decoded.photo is None:
        raise GalleryError(f"{job.path} was taken for a known photo; index its folder again")
    return PhotoInfo(
        photo_id=decoded.photo_id,
        path=job.path,
        width=decoded.photo.width,
        height=decoded.photo.height,
        taken_at=decoded.photo.taken_at,
        tags=decoded.photo.tags,
        near_key=decoded.photo.near_key,
        copies=(),
        file_size=stamp.size,
        modified_ns=stamp.modified_ns,
    )


def _in_batches(outcomes: Iterator[Outcome], size: int) -> Iterator[list[Outcome]]:
    while batch := list(islice(outcomes, size)):
        yield batch
