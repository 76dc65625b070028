"""Files that could not be indexed, and why: JSON lines beside the gallery.

A quarantined file is tried again when it changes, or when asked to; it never stops the others.
"""

import json
import os
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from inkseek.indexing.scan import FileStamp

FILE_NAME = "quarantine.jsonl"


@dataclass(frozen=True)
class Quarantined:
    """A file, why it was put aside, and its stamp at that time."""

    path: str
    reason: str
    size: int
    modified_ns: int

    @property
    def stamp(self) -> FileStamp:
        """Changes when the file does."""
        return FileStamp(self.size, self.modified_ns)


class Quarantine:
    """The quarantined files of the gallery in a folder.

    A line is appended as a file fails; `replace` writes the whole list anew.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE_NAME

    def read(self) -> dict[str, Quarantined]:
        """By path; the last line of a path counts, and a half-written line does not."""
        entries: dict[str, Quarantined] = {}
        if self._file.is_file():
            for line in self._file.read_text(encoding="utf-8").splitlines():
                try:
                    entry = Quarantined(**json.loads(line))
                except (ValueError, TypeError):
                    # A process was killed while it wrote: the file will fail again.
                    continue
                entries[entry.path] = entry
        return entries

    def append(self, entries: Iterable[Quarantined]) -> None:
        """Add entries; durable on return."""
        lines = [json.dumps(asdict(entry)) for entry in entries]
        if lines:
            with self._file.open("a", encoding="utf-8") as file:
                # A leading line break ends a line that a killed process left open.
                file.write("\n" + "\n".join(lines) + "\n")
                file.flush()
                os.fsync(file.fileno())

    def replace(self, entries: Iterable[Quarantined]) -> None:
        """Make these the only entries, all or none."""
        partial = self._file.with_suffix(f".{os.getpid()}.tmp")
        lines = [json.dumps(asdict(entry)) + "\n" for entry in entries]
        with partial.open("w", encoding="utf-8") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._file)

    def remove(self, paths: Collection[str]) -> int:
        """Forget these files, so that they are tried again; returns how many were there."""
        entries = self.read()
        left = [entry for path, entry in entries.items() if path not in paths]
        if len(left) < len(entries):
            self.replace(left)
        return len(entries) - len(left)
