"""Retrieval tasks: which sketches ask, which photos are searched, and what counts as found.

One list of tasks serves validation during training, the choice between models, and the final
test, so that the three cannot drift apart.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Int64

from inkseek.data.pairs import OWN, SPLITS, PairSet, Split

LARGE_GALLERIES = ("sketchy/all", "shoes/+2000")
"""Tasks that validation leaves out: four thousand more photos to embed, for the same choice."""

BUT_TEST: tuple[Split, ...] = ("train", "val")

MOST_QUERIES = 10
"""Sketches of one Quick, Draw! category that ask: one category holds half of all sketches there."""

FEWER = 15
"""Unseen categories, the first by name, of a smaller task: figures depend on how many there are."""


BY_CATEGORY = ("sketchy-more", "sketchy-full")
"""Sets whose sketches compete with photos of their category alone, as the papers' figures do."""


@dataclass(frozen=True, eq=False)
class Task:
    """One line of a results table.

    Attributes:
        name: Such as ``sketchy/in-category``.
        set_index: Which data set.
        queries: Indices of its sketches.
        gallery: Indices of its photos.
        relevant: What counts as found.
        allowed: Which photos a query competes with; all, or those of its category.
        clusters: Number of the photo (or category) a query was drawn from; queries of one
            cluster are not independent, and are resampled together for intervals.
    """

    name: str
    set_index: int
    queries: Int64[np.ndarray, " query"]
    gallery: Int64[np.ndarray, " gallery"]
    relevant: Bool[np.ndarray, "query gallery"]
    allowed: Bool[np.ndarray, "query gallery"]
    clusters: Int64[np.ndarray, " query"]

    @property
    def is_instance(self) -> bool:
        """Whether one very photo is sought, rather than any of a category."""
        return bool((self.relevant.sum(1) == 1).all())

    def subset(
        self,
        queries: Int64[np.ndarray, " chosen"],
        gallery: Int64[np.ndarray, " kept"] | None = None,
    ) -> "Task":
        """The same task with some of its queries and photos, by their positions in it.

        Args:
            queries: Which queries ask.
            gallery: Which photos are searched; all of them where ``None`` is given. A query may
                lose every relevant photo by it.
        """
        photos = np.arange(len(self.gallery)) if gallery is None else gallery
        both = np.ix_(queries, photos)
        return replace(
            self,
            queries=self.queries[queries],
            gallery=self.gallery[photos],
            relevant=self.relevant[both],
            allowed=self.allowed[both],
            clusters=self.clusters[queries],
        )


def spread(count: int, most: int) -> Int64[np.ndarray, " chosen"]:
    """At most so many of ``count`` positions, evenly chosen, the first and the last among them."""
    places = np.linspace(0, count - 1, min(count, most)).round()
    chosen: Int64[np.ndarray, " chosen"] = places.astype(np.int64)
    return chosen


def make_tasks(
    sets: Sequence[PairSet],
    split: Split,
    unseen: frozenset[str],
    stand_ins: frozenset[str] = frozenset(),
) -> list[Task]:
    """The tasks of a split.

    Instance tasks ask with the split's sketches of drawn photos. The category tasks on unseen
    categories ask with the sketches of every split, since training used none, and exist for
    ``test`` only: a model must not be chosen by them. Of Quick, Draw! those of ``val`` do not
    ask: the first models were validated with them.

    Args:
        sets: Data sets.
        split: Whose sketches ask.
        unseen: Categories that no training sees.
        stand_ins: Seen categories that this training left out all the same; their sketches,
            those of the test split excepted, make a task of validation.
    """
    tasks: list[Task] = []
    for s, pairs in enumerate(sets):
        drawn = [
            i for i, q in enumerate(pairs.sketches) if q.photo is not None and q.split == split
        ]
        photos = np.arange(len(pairs.photos))
        groups = np.array([p.group for p in pairs.photos])
        if pairs.name == "sketchy-mini":
            tasks.append(_instance("sketchy/in-category", s, pairs, drawn, photos, by_group=True))
            tasks.append(_instance("sketchy/all", s, pairs, drawn, photos))
            tasks += _of_sketchy_categories(s, pairs, split, unseen, stand_ins)
        elif pairs.name == "shoes":
            own = np.array([i for i in photos if pairs.photos[i].split == split])
            more = np.flatnonzero(groups == "shoes/more")
            tasks.append(_instance("shoes", s, pairs, drawn, own))
            tasks.append(_instance("shoes/+2000", s, pairs, drawn, np.concatenate([own, more])))
        elif pairs.name == "quickdraw":
            tasks += _of_quickdraw(s, pairs, split, unseen, stand_ins)
        elif drawn:
            tasks.append(_instance_of_any(s, pairs, drawn, split))
        elif pairs.photos and all(q.photo is None for q in pairs.sketches):
            # Released for category retrieval: the test split is of unseen categories alone.
            tasks.append(_category(pairs.name, s, pairs, (split,), None))
    return [task for task in tasks if len(task.queries)]


def _of_sketchy_categories(
    set_index: int, pairs: PairSet, split: Split, unseen: frozenset[str], stand_ins: frozenset[str]
) -> list[Task]:
    known = frozenset(p.category for p in pairs.photos)
    if split == "test":
        fewer = frozenset(sorted(unseen & known)[:FEWER])
        return [
            _category("sketchy/unseen", set_index, pairs, SPLITS, unseen),
            _category("sketchy/unseen-15", set_index, pairs, SPLITS, fewer),
        ]
    tasks = [_category("sketchy/category", set_index, pairs, (split,), known - unseen - stand_ins)]
    if stand_ins:
        tasks.append(_category("sketchy/stand-in", set_index, pairs, BUT_TEST, stand_ins))
    return tasks


def _of_quickdraw(
    set_index: int, pairs: PairSet, split: Split, unseen: frozenset[str], stand_ins: frozenset[str]
) -> list[Task]:
    known = frozenset(p.category for p in pairs.photos)
    asked = known if split == "test" else known - unseen - stand_ins
    tasks = [_category("quickdraw/category", set_index, pairs, (split,), asked, MOST_QUERIES)]
    if split == "test":
        tasks.append(
            _category("quickdraw/unseen", set_index, pairs, ("train", "test"), unseen, MOST_QUERIES)
        )
    elif stand_ins:
        tasks.append(
            _category("quickdraw/stand-in", set_index, pairs, BUT_TEST, stand_ins, MOST_QUERIES)
        )
    return tasks


def _instance_of_any(set_index: int, pairs: PairSet, queries: Sequence[int], split: Split) -> Task:
    """The very photo among those of the split, for sets that need nothing more."""
    # A small set of one's own is searched whole: its validation photos alone are too few.
    whole = pairs.name.startswith(OWN)
    gallery = [i for i, p in enumerate(pairs.photos) if whole or p.split == split]
    by_group = pairs.name in BY_CATEGORY
    held = np.array(gallery, dtype=np.int64)
    return _instance(pairs.name, set_index, pairs, queries, held, by_group=by_group)


def _instance(
    name: str,
    set_index: int,
    pairs: PairSet,
    queries: Sequence[int],
    gallery: Int64[np.ndarray, " gallery"],
    *,
    by_group: bool = False,
) -> Task:
    targets = np.array([pairs.sketches[q].photo for q in queries], dtype=np.int64)
    relevant = targets[:, None] == gallery[None, :]
    allowed = np.ones_like(relevant)
    if by_group:
        groups = np.array([p.group for p in pairs.photos])
        allowed = groups[targets][:, None] == groups[gallery][None, :]
    return Task(
        name, set_index, np.array(queries, dtype=np.int64), gallery, relevant, allowed, targets
    )


def _category(
    name: str,
    set_index: int,
    pairs: PairSet,
    splits: Sequence[Split],
    only: frozenset[str] | None,
    most: int | None = None,
) -> Task:
    """Category retrieval; ``splits`` limit the queries, and photos where every one has a split.

    Of the queries of one category only the first ``most`` ask.
    """
    kept = {p.category for p in pairs.photos} if only is None else only
    queries = [i for i, q in enumerate(pairs.sketches) if q.category in kept and q.split in splits]
    if most is not None:
        queries = _first_of_each(pairs, queries, most)
    every_photo_split = all(p.split is not None for p in pairs.photos)
    gallery = [
        i
        for i, p in enumerate(pairs.photos)
        if p.category in kept and (not every_photo_split or p.split in splits)
    ]
    asked = np.array([pairs.sketches[i].category for i in queries])
    found = np.array([pairs.photos[i].category for i in gallery])
    relevant = asked[:, None] == found[None, :]
    _, clusters = np.unique(asked, return_inverse=True)
    return Task(
        name,
        set_index,
        np.array(queries, dtype=np.int64),
        np.array(gallery, dtype=np.int64),
        relevant,
        np.ones_like(relevant),
        clusters.astype(np.int64),
    )


def _first_of_each(pairs: PairSet, queries: Sequence[int], most: int) -> list[int]:
    """At most so many queries a category, in their order."""
    counts: Counter[str] = Counter()
    kept = []
    for i in queries:
        category = pairs.sketches[i].category
        if counts[category] < most:
            kept.append(i)
        counts[category] += 1
    return kept
