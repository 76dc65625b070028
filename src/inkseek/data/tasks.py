"""Retrieval tasks: which sketches ask, which photos are searched, and what counts as found.

One list of tasks serves validation during training, the choice between models, and the final
test, so that the three cannot drift apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from inkseek.data.pairs import PairSet, Split


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


def make_tasks(sets: Sequence[PairSet], split: Split, unseen: frozenset[str]) -> list[Task]:
    """The tasks of a split.

    Instance tasks ask with the split's sketches of drawn photos. The category tasks on unseen
    categories ask with all their sketches, since training used none, and exist for ``test`` only:
    a model must not be chosen by them.
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
            if split == "test":
                tasks.append(_category("sketchy/unseen", s, pairs, None, unseen))
            else:
                tasks.append(_category("sketchy/category", s, pairs, split, None))
        elif pairs.name == "shoes":
            own = np.array([i for i in photos if pairs.photos[i].split == split])
            more = np.flatnonzero(groups == "shoes/more")
            tasks.append(_instance("shoes", s, pairs, drawn, own))
            tasks.append(_instance("shoes/+2000", s, pairs, drawn, np.concatenate([own, more])))
        elif pairs.name == "quickdraw":
            tasks.append(_category("quickdraw/category", s, pairs, split, None))
            if split == "test":
                tasks.append(_category("quickdraw/unseen", s, pairs, split, unseen))
        elif drawn:
            own = np.array([i for i in photos if pairs.photos[i].split == split])
            by_group = pairs.name == "sketchy-more"
            tasks.append(_instance(pairs.name, s, pairs, drawn, own, by_group=by_group))
    return [task for task in tasks if len(task.queries)]


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
    name: str, set_index: int, pairs: PairSet, split: Split | None, only: frozenset[str] | None
) -> Task:
    """Category retrieval; ``split`` limits the queries, and photos where every one has a split."""
    kept = {p.category for p in pairs.photos} if only is None else only
    queries = [
        i
        for i, q in enumerate(pairs.sketches)
        if q.category in kept and (split is None or q.split == split)
    ]
    every_photo_split = all(p.split is not None for p in pairs.photos)
    gallery = [
        i
        for i, p in enumerate(pairs.photos)
        if p.category in kept and (split is None or not every_photo_split or p.split == split)
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
