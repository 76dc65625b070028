"""Indexing that the page starts, watches, pauses and cancels: one run at a time.

A job is a thread that brings the gallery up to date and may be stopped after each commit. Nothing
of it needs to be kept: a service that is killed loses at most the batch at hand, and the next job
compares gallery and disk again and goes on from there.
"""

import dataclasses
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Condition, Thread

from inkseek.errors import InkseekError
from inkseek.gallery.store import gallery_folder
from inkseek.indexing import IndexProgress, IndexSummary, index_folders, rebuild_gallery
from inkseek.indexing.folders import read_folders
from inkseek.indexing.quarantine import Quarantine
from inkseek.indexing.scan import is_below
from inkseek.search import Searcher
from inkseek.server.library_schema import Job, JobKind, JobQuarantined, JobState
from inkseek.server.problems import ConflictError, NotFoundError
from inkseek.server.searchable import needs_rebuild

BATCH_SIZE = 64
"""Photos in one commit: fewer than on the command line, so that a pause comes soon."""

KEPT_JOBS = 50
KEPT_EVENTS = 1_000

ACTIVE: tuple[JobState, ...] = ("running", "paused")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class JobEvent:
    """Something that happened to a job; numbers rise."""

    number: int
    name: str
    data: Job | JobQuarantined


@dataclass
class _Run:
    """One job as its thread and the requests see it, under the lock of `Jobs`."""

    id: str
    kind: JobKind
    paths: list[Path]
    state: JobState = "running"
    is_cancelled: bool = False
    done: int = 0
    total: int | None = None
    quarantined: int = 0
    message: str | None = None
    summary: IndexSummary | None = None
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    worked: float = 0.0
    since: float | None = field(default_factory=time.monotonic)

    def stop_clock(self) -> None:
        """Time in a pause is no work, and says nothing about what is left."""
        if self.since is not None:
            self.worked += time.monotonic() - self.since
            self.since = None

    def describe(self) -> Job:
        seconds = self.worked + (time.monotonic() - self.since if self.since is not None else 0.0)
        eta = None
        if self.done and self.total is not None and self.state in ACTIVE:
            eta = seconds / self.done * (self.total - self.done)
        counts = dataclasses.asdict(self.summary) if self.summary else None
        if counts:
            counts.pop("seconds")
        return Job(
            id=self.id,
            kind=self.kind,
            # A retry is of files, which may be many; where they are is in the quarantine.
            folders=[str(path) for path in self.paths] if self.kind != "retry" else [],
            state=self.state,
            done=self.done,
            total=self.total,
            eta_seconds=eta,
            quarantined=self.quarantined,
            started_at=self.started_at,
            seconds=seconds,
            message=self.message,
            summary=counts,
        )


class _CancelledError(Exception):
    """Ends the thread of a job from within its progress callback."""


class Jobs:
    """The jobs of one gallery, newest last; the oldest are forgotten."""

    def __init__(self, searcher: Searcher, *, batch_size: int = BATCH_SIZE) -> None:
        self._searcher = searcher
        self._batch_size = batch_size
        self._folder = gallery_folder(searcher.gallery.url)
        self._runs: dict[str, _Run] = {}
        self._events: deque[JobEvent] = deque(maxlen=KEPT_EVENTS)
        self._number = 0
        self._changed = Condition()
        self._thread: Thread | None = None

    def start(self, kind: JobKind, folders: Sequence[str] | None = None) -> Job:
        """Start a job.

        Raises:
            ConflictError: Another one runs, or there is nothing to do.
            NotFoundError: A folder is not one of those indexed before.
        """
        paths = self._find_paths(kind, folders)
        with self._changed:
            if active := self._find_active():
                raise ConflictError(f"job {active.id} is {active.state}; wait for it or cancel it")
            run = _Run(secrets.token_hex(8), kind, paths)
            self._runs[run.id] = run
            while len(self._runs) > KEPT_JOBS:
                del self._runs[next(iter(self._runs))]
            self._tell(run)
            self._thread = Thread(target=self._work, args=(run,), name=f"job-{run.id}", daemon=True)
            self._thread.start()
            return run.describe()

    def describe_all(self) -> list[Job]:
        """Those remembered, the oldest first."""
        with self._changed:
            return [run.describe() for run in self._runs.values()]

    def get(self, job_id: str) -> Job:
        """One job.

        Raises:
            NotFoundError: There is none of this id.
        """
        with self._changed:
            return self._find(job_id).describe()

    def pause(self, job_id: str) -> Job:
        """Stop after the commit at hand; the index stays locked for others."""
        return self._steer(job_id, "running", "paused")

    def resume(self, job_id: str) -> Job:
        """Go on."""
        return self._steer(job_id, "paused", "running")

    def cancel(self, job_id: str) -> Job:
        """End it after the commit at hand; what was committed stays.

        Raises:
            NotFoundError: There is no such job.
            ConflictError: It has ended already.
        """
        with self._changed:
            run = self._find(job_id)
            if run.state not in ACTIVE:
                raise ConflictError(f"job {job_id} is {run.state}; start another one")
            run.is_cancelled = True
            self._changed.notify_all()
            return run.describe()

    def events_after(self, number: int) -> list[JobEvent]:
        """What happened after the event of that number, as far as it is remembered."""
        with self._changed:
            return [event for event in self._events if event.number > number]

    @property
    def last_event(self) -> int:
        """Number of the latest event."""
        with self._changed:
            return self._number

    @property
    def num_active(self) -> int:
        """Jobs that run or are paused."""
        with self._changed:
            return 1 if self._find_active() else 0

    def close(self, timeout: float = 30.0) -> None:
        """Cancel what runs, and wait until it has ended."""
        with self._changed:
            if active := self._find_active():
                active.is_cancelled = True
                self._changed.notify_all()
        if self._thread:
            self._thread.join(timeout)

    def _find_paths(self, kind: JobKind, folders: Sequence[str] | None) -> list[Path]:
        if needs_rebuild(self._searcher):
            if kind != "rebuild":
                raise ConflictError(
                    "the photos have to be embedded anew first; start a rebuild, or wait for it"
                )
            return read_folders(self._folder)
        known = [str(folder) for folder in read_folders(self._folder)]
        chosen = known if folders is None else list(dict.fromkeys(folders))
        if unknown := [folder for folder in chosen if folder not in known]:
            raise NotFoundError(
                f"{unknown[0][:200]} is none of the folders indexed before; index it first with "
                "`inkseek index`"
            )
        if kind != "retry":
            paths = [Path(folder) for folder in chosen]
        else:
            entries = Quarantine(self._folder).read()
            inside = [path for path in entries if folders is None or is_below(path, chosen)]
            paths = [Path(path) for path in inside if Path(path).is_file()]
        if not paths:
            what = "no file is in quarantine" if kind == "retry" else "no folder was indexed"
            raise ConflictError(f"{what}, so there is nothing to do")
        return paths

    def _steer(self, job_id: str, before: JobState, after: JobState) -> Job:
        with self._changed:
            run = self._find(job_id)
            if run.state != before:
                raise ConflictError(f"job {job_id} is {run.state}, not {before}")
            run.state = after
            run.stop_clock()
            if after == "running":
                run.since = time.monotonic()
            self._tell(run)
            self._changed.notify_all()
            return run.describe()

    def _work(self, run: _Run) -> None:
        state: JobState = "failed"
        message, summary = None, None
        try:
            summary = self._index(run, lambda progress: self._on_progress(run, progress))
            state = "done"
        except _CancelledError:
            state = "cancelled"
        except (InkseekError, OSError) as error:
            message = str(error)
        except Exception as error:
            logger.exception("job %s failed", run.id)
            message = f"inkseek made a mistake ({type(error).__name__}); what it printed says more"
        with self._changed:
            run.stop_clock()
            run.state, run.message, run.summary = state, message, summary
            self._tell(run)

    def _index(self, run: _Run, on_progress: Callable[[IndexProgress], None]) -> IndexSummary:
        if run.kind == "retry":
            # Should this process be killed now, the next run finds them again as new files.
            Quarantine(self._folder).remove({str(path) for path in run.paths})
        bring_up_to_date = rebuild_gallery if run.kind == "rebuild" else index_folders
        return bring_up_to_date(
            run.paths,
            self._searcher.gallery,
            self._searcher.encoder,
            batch_size=self._batch_size,
            on_progress=on_progress,
        )

    def _on_progress(self, run: _Run, progress: IndexProgress) -> None:
        """Called in the thread of the job after each commit; here it waits, and may end."""
        with self._changed:
            run.done, run.total = progress.done, progress.total
            run.quarantined += len(progress.quarantined)
            for entry in progress.quarantined:
                file = JobQuarantined(job=run.id, path=entry.path, reason=entry.reason)
                self._add_event("quarantined", file)
            self._tell(run)
            while run.state == "paused" and not run.is_cancelled:
                self._changed.wait()
            if run.is_cancelled:
                raise _CancelledError

    def _find(self, job_id: str) -> _Run:
        if job_id not in self._runs:
            raise NotFoundError(f"no job {job_id[:40]}; GET /api/jobs lists them")
        return self._runs[job_id]

    def _find_active(self) -> _Run | None:
        return next((run for run in self._runs.values() if run.state in ACTIVE), None)

    def _tell(self, run: _Run) -> None:
        self._add_event("progress", run.describe())

    def _add_event(self, name: str, data: Job | JobQuarantined) -> None:
        self._number += 1
        self._events.append(JobEvent(self._number, name, data))
