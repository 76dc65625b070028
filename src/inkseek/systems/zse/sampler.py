"""Draws what a batch is made of: two sketches and a photo of one category, a photo of another."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inkseek.data.pairs import PairSet, PhotoRef
from inkseek.data.sampler import Row
from inkseek.errors import RecipeError

Listed = tuple[int, int, int]
"""Number of a data set, of a sketch or photo in it, and of its category."""

Place = tuple[int, int]
"""Number of a data set, and of a sketch or photo in it."""


@dataclass(frozen=True)
class Item:
    """One draw: a sketch with a photo of its category, a second such sketch with a wrong photo.

    Attributes:
        positive: Sketch and photo of the first category.
        negative: Another sketch of the *first* category and a photo of another; its ``category``
            is that of the photo.
    """

    positive: Row
    negative: Row


class ItemSampler:
    """Items from the training split of several sets.

    The released code draws three categories and leaves the second unused, which is the same as two.
    It never draws the first file of a category; this one may draw any. Categories are equally
    likely; of a category that several sets have, the sets are.
    """

    def __init__(
        self, sets: Sequence[PairSet], absent: frozenset[str], *, own_photo: float = 0.0
    ) -> None:
        """Sort out what may be shown.

        Args:
            sets: Data sets.
            absent: Categories that take no part.
            own_photo: Probability that the positive photo is the very one that was drawn.

        Raises:
            RecipeError: Fewer than two categories have a training sketch and a training photo.
        """
        self.own_photo = own_photo
        self._sets = sets
        sketches: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        photos: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for s, pairs in enumerate(sets):
            for i, sketch in enumerate(pairs.sketches):
                if sketch.split == "train" and sketch.category not in absent:
                    sketches[sketch.category][s].append(i)
            for i, photo in enumerate(pairs.photos):
                if _trains(photo) and photo.category not in absent:
                    photos[photo.category][s].append(i)
        self.categories = tuple(sorted(sketches.keys() & photos.keys()))
        self._sketches = [list(sketches[c].items()) for c in self.categories]
        self._photos = [list(photos[c].items()) for c in self.categories]
        if len(self.categories) < 2:
            raise RecipeError(
                f"{len(self.categories)} categories have both sketches and photos to train on, "
                "but a negative photo needs a second one; add data sets or hold fewer back"
            )

    def list_sketches(self) -> list[Listed]:
        """Every sketch that may be drawn."""
        return _list(self._sketches)

    def list_photos(self) -> list[Listed]:
        """Every photo that may be drawn."""
        return _list(self._photos)

    def draw(self, items: int, generator: np.random.Generator) -> list[Item]:
        """So many items; categories may recur among them."""
        return [self._draw_item(generator) for _ in range(items)]

    def _draw_item(self, generator: np.random.Generator) -> Item:
        first, other = (int(c) for c in generator.choice(len(self.categories), 2, replace=False))
        (s, sketch), (t, second) = (_pick(self._sketches[first], generator) for _ in range(2))
        u, photo = _pick(self._photos[first], generator)
        drawn = self._sets[s].sketches[sketch].photo
        if drawn is not None and generator.random() < self.own_photo:
            u, photo = s, drawn
        v, wrong = _pick(self._photos[other], generator)
        return Item(
            Row(s, sketch, u, photo, False, first, -1), Row(t, second, v, wrong, False, other, -1)
        )


def _trains(photo: PhotoRef) -> bool:
    return photo.split == "train" or (photo.split is None and not photo.group.endswith("/more"))


def _list(by_category: Sequence[Sequence[tuple[int, list[int]]]]) -> list[Listed]:
    return [(s, i, c) for c, sets in enumerate(by_category) for s, found in sets for i in found]


def _pick(places: Sequence[tuple[int, list[int]]], generator: np.random.Generator) -> Place:
    s, indices = places[int(generator.integers(len(places)))]
    return s, indices[generator.integers(len(indices))]
