"""Public data sets in the layout of their release, named in a recipe as ``shoev2:FOLDER``.

Counts are the published ones; `verify` holds a folder against them before anything is trained.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from inkseek.data.datasets.extended import ExtendedLayout, read_extended
from inkseek.data.datasets.fscoco import read_fscoco
from inkseek.data.datasets.qmul import read_qmul
from inkseek.data.datasets.qmul_first import read_qmul_first
from inkseek.data.datasets.sketchy_full import read_sketchy_full
from inkseek.data.datasets.zero_shot import QUICKDRAW_30, SKETCHY_21, SKETCHY_25, TU_BERLIN_30
from inkseek.data.pairs import PairSet
from inkseek.data.verify import Count, require_complete
from inkseek.errors import RecipeError

RESEARCH = "research use"


@dataclass(frozen=True)
class Release:
    """A data set as it is published.

    Attributes:
        read: Its folder to its photos and sketches.
        expected: Published counts, by the names of `verify.count`.
        origin: Who made it.
        licence: Under which terms.
        unseen: Categories that no training on it may see.
        lists: Folder whose lists `expected` counts, if the release has any.
        unlisted: Counts of a folder without those lists.
    """

    read: Callable[[Path], PairSet]
    expected: Mapping[str, Count]
    origin: str
    licence: str = RESEARCH
    unseen: frozenset[str] = frozenset()
    lists: str | None = None
    unlisted: Mapping[str, Count] = field(default_factory=dict)

    def expected_in(self, root: Path) -> Mapping[str, Count]:
        """What a folder should hold, which depends on its layout."""
        has_lists = self.lists is None or (root / self.lists).is_dir()
        return self.expected if has_lists else self.unlisted


def _counts(**numbers: int | tuple[int, int]) -> dict[str, Count]:
    return {
        name.replace("_", " "): Count(*number) if isinstance(number, tuple) else Count(number)
        for name, number in numbers.items()
    }


def _pairs(train: int, test: int, sketches: tuple[int, int] | None = None) -> dict[str, Count]:
    """Photos and sketches for training and test; one sketch a photo unless said."""
    of_train, of_test = sketches or (train, test)
    return _counts(
        train_photos=train, test_photos=test, train_sketches=of_train, test_sketches=of_test
    )


def _extended(
    layout: ExtendedLayout,
    origin: str,
    *,
    listed: Mapping[str, Count],
    unlisted: Mapping[str, Count],
) -> Release:
    return Release(
        partial(read_extended, layout=layout),
        listed,
        origin,
        unseen=frozenset(layout.unseen),
        lists=layout.lists,
        unlisted=unlisted,
    )


def _sketchy(
    unseen: tuple[str, ...], lists: str, *, photos: tuple[int, int], sketches: tuple[int, int]
) -> Release:
    """A split of Sketchy by categories, with the counts for training and test of its lists.

    Unlisted: 75,471 sketches (and up to ten more), 73,002 photos of Liu et al. and the 12,500 of
    Sketchy.
    """
    categories = {"categories": 125, "test_categories": len(unseen)}
    layout = ExtendedLayout(
        f"sketchy-ext-{len(unseen)}",
        unseen,
        lists,
        "sketch_tx_000000000000_ready_filelist",
        "all_photo_filelist",
        ("256x256/sketch/tx_000000000000",),
        ("256x256/photo/tx_000000000000", "EXTEND_image_sketchy", "extended_photo"),
    )
    return _extended(
        layout,
        "Sketchy (Sangkloy et al. 2016) with photos of Liu et al. 2017",
        listed=_pairs(*photos, sketches) | _counts(**categories),
        unlisted=_counts(photos=85_502, sketches=(75_471, 10), **categories),
    )


TU_BERLIN = ExtendedLayout(
    "tuberlin-ext",
    TU_BERLIN_30,
    "zeroshot",
    "png_ready_filelist",
    "ImageResized_ready_filelist",
    ("png", "png_ready"),
    ("ImageResized", "ImageResized_ready"),
)

QUICKDRAW = ExtendedLayout(
    "quickdraw-ext",
    QUICKDRAW_30,
    "zeroshot",
    "sketch",
    "all_photo",
    ("QuickDraw_sketches_final", "sketch"),
    ("QuickDraw_images_final", "photo"),
)

QMUL_2 = "QMUL SketchX, second set"
QMUL_1 = "QMUL SketchX (Yu et al. 2016)"

RELEASES: dict[str, Release] = {
    # Sketches and photos, all and for the test: SketchyNet paper, section 5, "Datasets".
    "shoev2": Release(
        partial(read_qmul, stem="ShoeV2", category="shoe"),
        _counts(photos=2000, test_photos=200, sketches=6730, test_sketches=679),
        QMUL_2,
    ),
    "chairv2": Release(
        partial(read_qmul, stem="ChairV2", category="chair"),
        _counts(photos=400, test_photos=100, sketches=1800, test_sketches=525),
        QMUL_2,
    ),
    # Photo pre-training's five sets; counts of the original splits.
    "shoev1": Release(
        partial(read_qmul_first, name="shoev1", category="shoe"), _pairs(304, 115), QMUL_1
    ),
    "chairv1": Release(
        partial(read_qmul_first, name="chairv1", category="chair"), _pairs(200, 97), QMUL_1
    ),
    "handbag": Release(
        partial(read_qmul_first, name="handbag", category="handbag"),
        _pairs(400, 168),
        "QMUL SketchX (Song et al. 2017)",
    ),
    # The paper says 75,471 sketches; copies of the archive hold up to ten more.
    "sketchy-full": Release(
        read_sketchy_full,
        _counts(photos=12_500, test_photos=1250, sketches=(75_471, 10), categories=125),
        "Sketchy Database (Sangkloy et al. 2016)",
    ),
    # SketchyNet paper, section 5: 10,000 pairs, split 7:3.
    "fscoco": Release(read_fscoco, _pairs(7000, 3000), "FS-COCO (Chowdhury et al. 2022)"),
    # The numbers of ZSE-SBIR's lists, here and below.
    "sketchy-ext-25": _sketchy(
        SKETCHY_25, "zeroshot1", photos=(68_401, 17_101), sketches=(55_252, 15_229)
    ),
    "sketchy-ext-21": _sketchy(
        SKETCHY_21, "zeroshot0", photos=(72_949, 12_553), sketches=(57_587, 12_694)
    ),
    "tuberlin-ext": _extended(
        TU_BERLIN,
        "TU-Berlin (Eitz et al. 2012) with photos of Zhang et al. 2016",
        listed=_counts(
            test_photos=27_989,
            train_sketches=15_400,
            test_sketches=2400,
            categories=250,
            test_categories=30,
        ),
        unlisted=_counts(sketches=20_000, categories=250, test_categories=30),
    ),
    "quickdraw-ext": _extended(
        QUICKDRAW,
        "QuickDraw-Extended (Dey et al. 2019)",
        listed=_counts(
            test_photos=54_151, test_sketches=92_291, categories=110, test_categories=30
        ),
        unlisted=_counts(categories=110, test_categories=30),
    ),
}


def find_release(name: str) -> Release | None:
    """The release that ``NAME`` or ``NAME:FOLDER`` names, if it is one."""
    return RELEASES.get(name.partition(":")[0])


def read_release(name: str) -> PairSet:
    """Read ``NAME:FOLDER``, if it is complete.

    Raises:
        RecipeError: The folder is not said.
        DatasetError: Something of the release is missing, or more than was published is there.
    """
    kind, _, folder = name.partition(":")
    if not folder:
        raise RecipeError(f"{kind!r} needs the folder of its release: {kind}:FOLDER")
    release, root = RELEASES[kind], Path(folder).expanduser()
    return require_complete(release.read(root), release.expected_in(root), root)
