"""Which sketch meets which photo in a batch.

A batch is put together from blocks of rows that are hard to tell apart: shoes, animals of one
kind, emoji of one subgroup, photos of one category with pseudo-sketches. Within a block photos
are negatives of each other's sketches at instance level; across blocks only categories differ.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inkseek.data.pairs import PairSet


@dataclass(frozen=True)
class Row:
    """One sketch-photo pair of a batch, as indices into packed sets.

    Attributes:
        sketch_set: Which packed set the sketch is from.
        sketch: Index of the sketch there; with `is_edge`, of the pseudo-sketch of a photo.
        photo_set: Which packed set the photo is from.
        photo: Index of the photo there.
        is_edge: Whether the sketch is a pseudo-sketch.
        category: Category number, the same in every set.
        block: Rows of one block are peers; ``-1`` has none (only the category is shared).
    """

    sketch_set: int
    sketch: int
    photo_set: int
    photo: int
    is_edge: bool
    category: int
    block: int


@dataclass(frozen=True)
class BatchPlan:
    """Rows of each kind in a batch.

    Attributes:
        groups: Blocks of drawn photos of one group, each of `group_rows` rows, a data set's share
            of blocks following its number of drawn photos to the power `balance`.
        group_rows: Rows of such a block.
        small_groups: Blocks from groups of less than four drawn photos, such as the categories of
            a broad data set: up to `drawn_rows` of those with their sketches, and `edge_rows`
            other photos of the group with their pseudo-sketches.
        drawn_rows: Drawn rows of such a block.
        edge_rows: Pseudo-sketched rows of such a block.
        category_rows: Sketches of no photo with any photo of their category, from whichever set
            has one.
        drawn_category_rows: The same for sketches of small groups, which have a photo of their
            own: without these rows most photos of a broad data set are met by no real sketch.
    """

    groups: int = 2
    group_rows: int = 10
    small_groups: int = 10
    drawn_rows: int = 2
    edge_rows: int = 1
    category_rows: int = 14
    drawn_category_rows: int = 0
    balance: float = 0.5


MANY = 4
"""Drawn photos from which a group makes a block of its own."""


class BatchSampler:
    """Draws batches of `Row` from the training split of several sets, without seen-only leaks.

    Categories in ``held_back`` take no part at all.
    """

    def __init__(self, sets: Sequence[PairSet], plan: BatchPlan, held_back: frozenset[str]) -> None:
        self.plan = plan
        names = sorted({p.category for s in sets for p in s.photos} - held_back)
        self._number = {name: i for i, name in enumerate(names)}
        self._sets = sets
        # Sketches by (set, group) and photo; photos that training may show, by (set, category).
        drawn: dict[tuple[int, str], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        unpaired: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._photos: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for s, pairs in enumerate(sets):
            for i, photo in enumerate(pairs.photos):
                trains = photo.split == "train" or (
                    photo.split is None and not photo.group.endswith("/more")
                )
                if trains and photo.category in self._number:
                    self._photos[photo.category].append((s, i))
            for i, sketch in enumerate(pairs.sketches):
                if sketch.split != "train" or sketch.category not in self._number:
                    continue
                if sketch.photo is None:
                    unpaired[sketch.category].append((s, i))
                else:
                    drawn[s, pairs.photos[sketch.photo].group][sketch.photo].append(i)
        self._groups = {k: v for k, v in drawn.items() if len(v) >= MANY}
        self._small = {k: v for k, v in drawn.items() if len(v) < MANY}
        self._unpaired = {c: v for c, v in sorted(unpaired.items()) if self._photos.get(c)}
        self._paired = _by_category(self._small, sets)
        sizes: dict[int, int] = defaultdict(int)
        for (s, _), photos in self._groups.items():
            sizes[s] += len(photos)
        weights = np.array(
            [sizes[s] ** (plan.balance - 1) * len(v) for (s, _), v in self._groups.items()]
        )
        self._weights = weights / weights.sum() if len(weights) else weights
        if not self._photos:
            raise ValueError("no training photos: every category is held back")

    @property
    def num_pairs(self) -> int:
        """Drawn training sketches, the unit of an epoch."""
        grouped = sum(len(v) for group in self._groups.values() for v in group.values())
        return grouped + sum(len(v) for group in self._small.values() for v in group.values())

    def draw(self, generator: np.random.Generator) -> list[Row]:
        """One batch."""
        rows: list[Row] = []
        if self._groups:
            keys = list(self._groups)
            for block in range(self.plan.groups):
                key = keys[generator.choice(len(keys), p=self._weights)]
                rows += self._draw_group(key, block, generator)
        small = list(self._small)
        count = min(self.plan.small_groups, len(small))
        chosen = generator.choice(len(small), count, replace=False) if count else ()
        for offset, g in enumerate(chosen):
            rows += self._draw_small(small[g], self.plan.groups + offset, generator)
        for pool, count in (
            (self._unpaired, self.plan.category_rows),
            (self._paired, self.plan.drawn_category_rows),
        ):
            rows += self._draw_categories(pool, count, generator)
        return rows

    def _draw_categories(
        self, pool: dict[str, list[tuple[int, int]]], count: int, generator: np.random.Generator
    ) -> list[Row]:
        """Sketches of any category with any photo of it."""
        rows: list[Row] = []
        categories = list(pool)
        for _ in range(count if categories else 0):
            category = categories[generator.integers(len(categories))]
            sketches = pool[category]
            s, i = sketches[generator.integers(len(sketches))]
            t, photo = self._pick_photo(category, generator)
            rows.append(Row(s, i, t, photo, False, self._number[category], -1))
        return rows

    def _draw_group(
        self, key: tuple[int, str], block: int, generator: np.random.Generator
    ) -> list[Row]:
        s, _ = key
        group = self._groups[key]
        photos = generator.permutation(list(group))[: self.plan.group_rows]
        return [self._pair(s, int(p), group[int(p)], block, generator) for p in photos]

    def _draw_small(
        self, key: tuple[int, str], block: int, generator: np.random.Generator
    ) -> list[Row]:
        s, _ = key
        drawn = self._small[key]
        chosen = generator.permutation(list(drawn))[: self.plan.drawn_rows]
        rows = [self._pair(s, int(p), drawn[int(p)], block, generator) for p in chosen]
        category = self._sets[s].photos[int(chosen[0])].category
        others = [p for t, p in self._photos[category] if t == s and p not in drawn]
        for p in generator.permutation(others)[: self.plan.edge_rows]:
            rows.append(Row(s, int(p), s, int(p), True, self._number[category], block))
        return rows

    def _pair(
        self, s: int, photo: int, sketches: list[int], block: int, generator: np.random.Generator
    ) -> Row:
        sketch = sketches[generator.integers(len(sketches))]
        category = self._number[self._sets[s].photos[photo].category]
        return Row(s, sketch, s, photo, False, category, block)

    def _pick_photo(self, category: str, generator: np.random.Generator) -> tuple[int, int]:
        """A training photo of the category; sets that have some are equally likely."""
        photos = self._photos[category]
        sets = sorted({s for s, _ in photos})
        chosen = sets[generator.integers(len(sets))]
        own = [p for p in photos if p[0] == chosen]
        return own[generator.integers(len(own))]


def _by_category(
    drawn: dict[tuple[int, str], dict[int, list[int]]], sets: Sequence[PairSet]
) -> dict[str, list[tuple[int, int]]]:
    """Sketches of drawn photos, as (set, sketch), by the category of the photo."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for (s, _), photos in drawn.items():
        for photo, sketches in photos.items():
            found[sets[s].photos[photo].category] += [(s, i) for i in sketches]
    return found
