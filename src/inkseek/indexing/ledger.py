"""Which file holds which photo: the gallery's account of the disk, corrected by a scan.

A photo is its content; a file claims to hold it. Comparing claims with the disk tells new,
changed, moved, copied and deleted files apart, whatever a killed run left undone.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from inkseek.gallery import PhotoInfo
from inkseek.indexing.scan import FileStamp, Scan, is_below


@dataclass
class _Account:
    """A photo of the gallery: files that still hold it, and files that no longer do."""

    info: PhotoInfo
    kept: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


class Ledger:
    """The claims of every file on every photo of a gallery.

    Args:
        infos: The photos of the gallery.
        scan: What is on disk; claims of files that it does not cover stand.
    """

    def __init__(self, infos: Iterable[PhotoInfo], scan: Scan) -> None:
        self._scan = scan
        self._accounts: dict[str, _Account] = {}
        self._ids_by_size: defaultdict[int, set[str]] = defaultdict(set)
        self._owner_lost: dict[str, str] = {}
        for info in infos:
            self._open(info)
            for path, modified_ns in _claims(info).items():
                self._check(info, path, modified_ns)
        self._kept_paths = {path for each in self._accounts.values() for path in each.kept}

    def find_candidates(self) -> list[str]:
        """Files on disk that no photo accounts for: new, changed, moved or copied."""
        return [path for path in self._scan.files if path not in self._kept_paths]

    def find_emptied(self) -> dict[str, int]:
        """Roots that have no photo file any more, and how many photos the gallery has of them."""
        emptied = {}
        for root in self._scan.roots:
            if not any(is_below(path, (root,)) for path in self._scan.files):
                gone = sum(is_below(path, (root,)) for path in self._owner_lost)
                if gone:
                    emptied[root] = gone
        return emptied

    def ids_of_size(self, size: int) -> frozenset[str]:
        """Photos whose files have this many bytes, so that one of them may be met again."""
        return frozenset(self._ids_by_size.get(size, ()))

    def knows(self, photo_id: str) -> bool:
        """Whether the gallery has the photo."""
        return photo_id in self._accounts

    def add(self, info: PhotoInfo) -> str:
        """Record a photo that the gallery did not have; returns `updated` or `added`."""
        self._open(info)
        self._accounts[info.photo_id].kept[info.path] = info.modified_ns
        return "updated" if info.path in self._owner_lost else "added"

    def claim(self, photo_id: str, path: str, stamp: FileStamp) -> str:
        """Record another file of a known photo.

        Returns:
            `unchanged` (only its time stamp differs), `updated` (the file held another photo),
            `moved` or `duplicates`.
        """
        account = self._accounts[photo_id]
        account.kept[path] = stamp.modified_ns
        if path in account.lost:
            account.lost.remove(path)
            return "unchanged"
        if path in self._owner_lost:
            return "updated"
        for gone in account.lost:
            if gone not in self._scan.files:
                account.lost.remove(gone)
                return "moved"
        return "duplicates"

    def describe(self, photo_id: str) -> PhotoInfo:
        """The photo with the files that hold it now."""
        account = self._accounts[photo_id]
        info, kept = account.info, account.kept
        first = info.path if info.path in kept else min(kept)
        others = tuple(sorted(set(kept) - {first}))
        return replace(
            info,
            path=first,
            modified_ns=kept[first],
            copies=others,
            copies_modified_ns=tuple(kept[path] for path in others),
        )

    def find_shrunk(self) -> list[str]:
        """Photos that lost a file but are held by another."""
        return [photo_id for photo_id, each in self._accounts.items() if each.lost and each.kept]

    def find_orphans(self) -> list[str]:
        """Photos that no file holds."""
        return [photo_id for photo_id, each in self._accounts.items() if not each.kept]

    def count_deleted(self) -> int:
        """Files of the gallery that are gone and were not found elsewhere."""
        lost = (path for each in self._accounts.values() for path in each.lost)
        return sum(path not in self._scan.files for path in lost)

    def count_unchanged(self) -> int:
        """Files on disk that the gallery already accounted for."""
        return sum(path in self._kept_paths for path in self._scan.files)

    def _open(self, info: PhotoInfo) -> None:
        self._accounts[info.photo_id] = _Account(info)
        self._ids_by_size[info.file_size].add(info.photo_id)

    def _check(self, info: PhotoInfo, path: str, modified_ns: int) -> None:
        account = self._accounts[info.photo_id]
        stamp = FileStamp(info.file_size, modified_ns)
        if not self._scan.covers(path) or self._scan.files.get(path) == stamp:
            account.kept[path] = modified_ns
        else:
            account.lost.append(path)
            self._owner_lost[path] = info.photo_id


def _claims(info: PhotoInfo) -> dict[str, int]:
    times = (*info.copies_modified_ns, *(0 for _ in info.copies))
    return {**dict(zip(info.copies, times, strict=False)), info.path: info.modified_ns}
