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
        set_index: Which packed set.
        sketch: Index of the sketch; with `is_edge`, of the pseudo-sketch of a photo.
        photo: Index of the photo.
        is_edge: Whether the sketch is a pseudo-sketch.
        category: Category number, the same in every set.
        block: Rows of one block are peers; ``-1`` has none (only the category is shared).
    """

    set_index: int
    sketch: int
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
        mixed_rows: Drawn pairs from any group of a data set with few photos a group, each beside
            one pseudo-sketched photo of its category.
        category_rows: Sketches of a category with any photo of it.
    """

    groups: int = 3
    group_rows: int = 10
    mixed_rows: int = 10
    category_rows: int = 14
    balance: float = 0.5


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
        self._unpaired: list[tuple[int, int]] = []
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
                    self._unpaired.append((s, i))
                else:
                    drawn[s, pairs.photos[sketch.photo].group][sketch.photo].append(i)
        self._groups = {k: v for k, v in drawn.items() if len(v) >= 4}
        self._mixed = [
            (s, photo, sketches)
            for (s, _), photos in drawn.items()
            if len(photos) < 4
            for photo, sketches in photos.items()
        ]
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
        return grouped + sum(len(sketches) for _, _, sketches in self._mixed)

    def draw(self, generator: np.random.Generator) -> list[Row]:
        """One batch."""
        rows: list[Row] = []
        if self._groups:
            keys = list(self._groups)
            for block in range(self.plan.groups):
                key = keys[generator.choice(len(keys), p=self._weights)]
                rows += self._draw_group(key, block, generator)
        rows += self._draw_mixed(self.plan.groups, generator)
        for _ in range(self.plan.category_rows if self._unpaired else 0):
            s, i = self._unpaired[generator.integers(len(self._unpaired))]
            category = self._sets[s].sketches[i].category
            t, photo = self._pick_photo(category, s, generator)
            if t == s:
                rows.append(Row(s, i, photo, False, self._number[category], -1))
        return rows

    def _draw_group(
        self, key: tuple[int, str], block: int, generator: np.random.Generator
    ) -> list[Row]:
        s, _ = key
        group = self._groups[key]
        photos = generator.permutation(list(group))[: self.plan.group_rows]
        return [self._pair(s, int(p), group[int(p)], block, generator) for p in photos]

    def _draw_mixed(self, block: int, generator: np.random.Generator) -> list[Row]:
        rows: list[Row] = []
        count = min(self.plan.mixed_rows, len(self._mixed))
        chosen = generator.choice(len(self._mixed), count, replace=False) if count else ()
        for offset, m in enumerate(chosen):
            s, photo, sketches = self._mixed[m]
            rows.append(self._pair(s, photo, sketches, block + offset, generator))
            category = self._sets[s].photos[photo].category
            t, other = self._pick_photo(category, s, generator)
            if t == s and other != photo:
                rows.append(Row(s, other, other, True, rows[-1].category, block + offset))
        return rows

    def _pair(
        self, s: int, photo: int, sketches: list[int], block: int, generator: np.random.Generator
    ) -> Row:
        sketch = sketches[generator.integers(len(sketches))]
        category = self._number[self._sets[s].photos[photo].category]
        return Row(s, sketch, photo, False, category, block)

    def _pick_photo(
        self, category: str, prefer: int, generator: np.random.Generator
    ) -> tuple[int, int]:
        """A training photo of the category, from the preferred set where it has one."""
        photos = self._photos[category]
        own = [p for p in photos if p[0] == prefer] or photos
        return own[generator.integers(len(own))]
