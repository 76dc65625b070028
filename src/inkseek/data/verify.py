"""Is a data set all there? Files that exist, counted against what its authors published."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from inkseek.data.pairs import PairSet
from inkseek.data.sketch_files import read_all
from inkseek.errors import DatasetError, InkseekError
from inkseek.raster.photo import decode_photo

SHOWN = 3
"""Missing files that a message names; their number is always given."""


@dataclass(frozen=True)
class Count:
    """A published number.

    Attributes:
        published: As the source says.
        slack: How far copies of the release are known to differ from it.
    """

    published: int
    slack: int = 0


@dataclass(frozen=True)
class Verification:
    """What was found.

    Attributes:
        counts: Every count of the set.
        missing: Files that it names and that are not there.
        problems: One line for each thing that is wrong; none when all is well.
    """

    counts: dict[str, int]
    missing: tuple[Path, ...]
    problems: tuple[str, ...]


def count(pairs: PairSet) -> dict[str, int]:
    """Photos, sketches and categories, by split; training includes what we validate on.

    Test categories are those of test photos; a photo that nobody drew is in no split.
    """
    test = [p for p in pairs.photos if p.split == "test"]
    is_test = [s.split == "test" for s in pairs.sketches]
    return {
        "photos": len(pairs.photos),
        "train photos": sum(p.split in ("train", "val") for p in pairs.photos),
        "test photos": len(test),
        "sketches": len(pairs.sketches),
        "train sketches": len(is_test) - sum(is_test),
        "test sketches": sum(is_test),
        "categories": len({p.category for p in pairs.photos}),
        "test categories": len({p.category for p in test}),
    }


def verify(pairs: PairSet, expected: Mapping[str, Count]) -> Verification:
    """Look for every file, and compare counts.

    Args:
        pairs: What a reader found.
        expected: Published numbers, by the names that `count` gives.
    """
    counts = count(pairs)
    files = dict.fromkeys([*(p.path for p in pairs.photos), *(s.path for s in pairs.sketches)])
    missing = tuple(path for path in files if not path.is_file())
    problems = [
        f"{counts[what]:,} {what} found, {number.published:,} published"
        for what, number in expected.items()
        if abs(counts[what] - number.published) > number.slack
    ]
    if missing:
        named = ", ".join(str(path) for path in missing[:SHOWN])
        more = f" and {len(missing) - SHOWN:,} more" if len(missing) > SHOWN else ""
        problems.insert(0, f"{len(missing):,} files missing: {named}{more}")
    return Verification(counts, missing, tuple(problems))


def find_unreadable(
    pairs: PairSet, on_progress: Callable[[int, int], None] = lambda done, total: None
) -> dict[Path, str]:
    """Files that are there but damaged, each with the reason; every file is decoded for it.

    Args:
        pairs: What to read.
        on_progress: Called with (done, total) files.
    """
    photos = dict.fromkeys(p.path for p in pairs.photos)
    sketches = dict.fromkeys(s.path for s in pairs.sketches)
    broken: dict[Path, str] = {}
    for done, path in enumerate([*photos, *sketches]):
        if path.is_file():
            try:
                if done < len(photos):
                    decode_photo(path)
                else:
                    read_all(path)
            except (InkseekError, OSError) as error:
                broken[path] = " ".join(str(error).split())
        on_progress(done + 1, len(photos) + len(sketches))
    return broken


def require_complete(pairs: PairSet, expected: Mapping[str, Count], where: Path) -> PairSet:
    """The set, if it is all there.

    Raises:
        DatasetError: A file is missing or a count differs; it lists them all.
    """
    problems = verify(pairs, expected).problems
    if problems:
        raise DatasetError(
            f"{pairs.name} in {where} is not as published: {'; '.join(problems)}; "
            f"see `inkseek data verify {pairs.name} {where}`"
        )
    return pairs
