"""Keeps an eye on the indexed folders and indexes what changes there.

It looks again and again instead of being told: that works on network disks too, and a walk reads
names, sizes and time stamps only.
"""

import logging
from pathlib import Path
from threading import Event, Thread

from inkseek.errors import InkseekError
from inkseek.indexing.folders import read_folders
from inkseek.indexing.scan import FileStamp, ScanOptions, scan_folders
from inkseek.server.jobs import Jobs
from inkseek.server.problems import ConflictError

LOOK_SECONDS = 30.0

logger = logging.getLogger(__name__)


class Watcher:
    """Looks from time to time, and at once when it starts.

    Args:
        jobs: Where indexing is started.
        gallery: Folder of the gallery, which knows the folders indexed into it.
        seconds: Between two looks.
    """

    def __init__(self, jobs: Jobs, gallery: Path, *, seconds: float = LOOK_SECONDS) -> None:
        self._jobs = jobs
        self._gallery = gallery
        self._seconds = seconds
        self._seen: dict[str, FileStamp] | None = None
        self._is_over = Event()
        self._thread = Thread(target=self._run, name="watcher", daemon=True)

    @property
    def folders(self) -> list[str]:
        """What is watched: every indexed folder that is there."""
        return [str(folder) for folder in read_folders(self._gallery) if folder.is_dir()]

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; a job that was started goes on."""
        self._is_over.set()
        self._thread.join()

    def look(self) -> bool:
        """Start a job if something changed since the last look; whether one was started."""
        folders = self.folders
        if not folders:
            return False
        found = scan_folders([Path(folder) for folder in folders], ScanOptions()).files
        if found == self._seen:
            return False
        try:
            self._jobs.start("index", folders)
        except ConflictError:
            # What changed is still unseen, so the next look tries again.
            return False
        self._seen = found
        return True

    def _run(self) -> None:
        while True:
            try:
                self.look()
            except (InkseekError, OSError) as error:
                logger.warning("the folders cannot be watched now: %s", error)
            if self._is_over.wait(self._seconds):
                return
