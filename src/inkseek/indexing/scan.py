"""Find photo files below folders, by name; their content is judged when they are decoded."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from inkseek.errors import PhotoError
from inkseek.raster.photo import SUFFIXES


@dataclass(frozen=True)
class ScanOptions:
    """How folders are walked.

    Attributes:
        follow_symlinks: Enter linked folders and read linked files; a loop is entered once.
        allow_empty: Believe a folder that lost all its photos, rather than think it unmounted.
    """

    follow_symlinks: bool = False
    allow_empty: bool = False


@dataclass(frozen=True)
class FileStamp:
    """Size in bytes and time of the last change; equal stamps mean an unchanged file."""

    size: int
    modified_ns: int


@dataclass(frozen=True)
class Scan:
    """What is on disk.

    Attributes:
        roots: The folders and files that were asked for, absolute.
        files: Photo files below the roots.
        unreadable: Folders that could not be listed; nothing is known of what is below them.
    """

    roots: tuple[str, ...]
    files: dict[str, FileStamp] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)

    def covers(self, path: str) -> bool:
        """Whether the scan knows of a path that it is there, or gone."""
        return is_below(path, self.roots) and not is_below(path, self.unreadable)


def scan_folders(paths: Sequence[Path], options: ScanOptions) -> Scan:
    """Walk folders; hidden files and folders (a leading dot) are passed over.

    Raises:
        PhotoError: A path does not exist, as that of a disk that is not mounted, or no path
            was given.
    """
    roots = tuple(dict.fromkeys(os.path.abspath(path.expanduser()) for path in paths))
    if not roots:
        raise PhotoError("no folder to index; name a folder of photos")
    for root in roots:
        if not os.path.exists(root):
            raise PhotoError(
                f"{root} does not exist; mount its disk, or correct the path (its photos, if any, "
                "stay in the gallery)"
            )
    scan = Scan(roots)
    for root in roots:
        if os.path.isfile(root):
            info = os.stat(root)
            scan.files[root] = FileStamp(info.st_size, info.st_mtime_ns)
        else:
            scan.files.update(_walk(root, options, scan.unreadable))
    return scan


def is_below(path: str, folders: Sequence[str] | dict[str, str]) -> bool:
    """Whether a path is one of the folders or at any depth below one."""
    return any(
        path == folder or path.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders
    )


def _walk(
    root: str, options: ScanOptions, unreadable: dict[str, str]
) -> Iterator[tuple[str, FileStamp]]:
    waiting = [root]
    entered: set[tuple[int, int]] = set()
    while waiting:
        folder = waiting.pop()
        try:
            info = os.stat(folder)
            if (info.st_dev, info.st_ino) in entered:
                continue
            entered.add((info.st_dev, info.st_ino))
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            unreadable[folder] = f"the folder cannot be listed: {error.strerror}"
            continue
        for entry in listed:
            if entry.name.startswith("."):
                continue
            try:
                if entry.is_dir(follow_symlinks=options.follow_symlinks):
                    waiting.append(entry.path)
                elif _is_photo(entry, options) and _is_text(entry.path, unreadable):
                    found = entry.stat(follow_symlinks=options.follow_symlinks)
                    yield entry.path, FileStamp(found.st_size, found.st_mtime_ns)
            except OSError as error:
                unreadable[entry.path] = f"the file cannot be examined: {error.strerror}"


def _is_photo(entry: "os.DirEntry[str]", options: ScanOptions) -> bool:
    return os.path.splitext(entry.name)[1].lower() in SUFFIXES and entry.is_file(
        follow_symlinks=options.follow_symlinks
    )


def _is_text(path: str, unreadable: dict[str, str]) -> bool:
    """Old file systems hold names in other encodings, which no gallery can store."""
    try:
        path.encode()
    except UnicodeEncodeError:
        unreadable[path] = "the file name is not UTF-8; rename the file"
        return False
    return True
