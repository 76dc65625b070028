"""Batches of one data set: sketches, their photos, undrawn photos, and who is near whom."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor

from inkseek.data.pack import PackedSet
from inkseek.errors import RecipeError
from inkseek.raster.draw import draw
from inkseek.raster.photo import fit_square
from inkseek.systems.photo_topology.config import TopologyConfig
from inkseek.training.stream import StepStream

Distances = Float32[np.ndarray, "photo photo"]


class TripletStream(StepStream):
    """Batches of uint8 pixels, channels first.

    An epoch shows each training sketch once, but for the last few of a data set that fill no
    batch. Negatives and pairs of photos are drawn among the photos of a batch, so a batch comes
    from one data set.
    """

    def __init__(
        self,
        config: TopologyConfig,
        sets: Sequence[PackedSet],
        distances: Sequence[Distances],
        absent: frozenset[str],
        first_step: int = 0,
    ) -> None:
        """Sort out what may be shown.

        Args:
            config: The recipe.
            sets: Data sets.
            distances: For each, `neighbours.photo_distances` of all its photos.
            absent: Categories that take no part.
            first_step: Where to begin.

        Raises:
            RecipeError: No data set fills a batch, or undrawn photos are asked and there are none.
        """
        super().__init__(config.seed, first_step, config.last_step)
        self.config = config
        self.sets = sets
        self.distances = distances
        self._drawn = [_training_sketches(packed, absent) for packed in sets]
        self._undrawn = [_undrawn_photos(packed, absent) for packed in sets]
        self.batches_per_epoch = sum(len(drawn) // config.batch_size for drawn in self._drawn)
        if not self.batches_per_epoch:
            raise RecipeError(
                f"no data set has {config.batch_size} training sketches; lower batch_size"
            )
        if config.unpaired and not any(len(photos) for photos in self._undrawn):
            raise RecipeError("no data set has undrawn photos; set unpaired to 0")

    def batch(self, step: int) -> dict[str, Tensor]:
        """The batch of one step.

        Returns:
            ``sketch`` and ``photo``, pixels row for row; ``undrawn``, more photos, perhaps none;
            ``identity``, which photo each of ``photo`` and ``undrawn`` is; ``reference``, the
            distances in the frozen space from each of ``photo`` to all of them; ``seed``, for what
            else is drawn at random.
        """
        config = self.config
        s, sketches = self._rows(step)
        packed = self.sets[s]
        generator = self.generator(1, step)
        photos = np.array([packed.pairs.sketches[i].photo for i in sketches], dtype=np.int64)
        count = min(config.unpaired, len(self._undrawn[s]))
        undrawn = generator.permutation(np.array(self._undrawn[s], dtype=np.int64))[:count]
        drawn = [self._view_pair(packed, int(i), generator) for i in sketches]
        more = [self._crop(self._photo(packed, int(i)), generator) for i in undrawn]
        more = [m[:, ::-1] if generator.random() < config.flip else m for m in more]
        side = config.canvas_size
        empty = np.empty((0, side, side, 3), dtype=np.uint8)
        identity = np.concatenate([photos, undrawn])
        return {
            "sketch": _to_tensor(np.stack([sketch for sketch, _ in drawn])),
            "photo": _to_tensor(np.stack([photo for _, photo in drawn])),
            "undrawn": _to_tensor(np.stack(more) if more else empty),
            "identity": torch.from_numpy(identity),
            "reference": torch.from_numpy(self.distances[s][np.ix_(photos, identity)]),
            "seed": torch.tensor(int(generator.integers(2**62))),
        }

    def _rows(self, step: int) -> tuple[int, list[int]]:
        """Data set and sketches of a step: a new order every epoch."""
        epoch, index = divmod(step, self.batches_per_epoch)
        generator = self.generator(0, epoch)
        batches: list[tuple[int, list[int]]] = []
        size = self.config.batch_size
        for s, drawn in enumerate(self._drawn):
            order = generator.permutation(drawn).tolist()
            batches += [(s, order[i : i + size]) for i in range(0, len(order) - size + 1, size)]
        return batches[int(generator.permutation(len(batches))[index])]

    def _view_pair(
        self, packed: PackedSet, sketch: int, generator: np.random.Generator
    ) -> tuple[UInt8[np.ndarray, "side side 3"], UInt8[np.ndarray, "side side 3"]]:
        """Scaled, cropped apart, mirrored together, so that left stays left within a pair."""
        photo = packed.pairs.sketches[sketch].photo
        ink = draw(packed.sketches[sketch], self.config.resize)
        drawn = self._crop(np.repeat(ink[..., None], 3, axis=2), generator)
        shown = self._crop(self._photo(packed, int(photo or 0)), generator)
        if generator.random() < self.config.flip:
            drawn, shown = drawn[:, ::-1], shown[:, ::-1]
        return drawn, shown

    def _photo(self, packed: PackedSet, photo: int) -> UInt8[np.ndarray, "side side 3"]:
        return fit_square(packed.photos[photo], self.config.resize)

    def _crop(
        self, image: UInt8[np.ndarray, "height width 3"], generator: np.random.Generator
    ) -> UInt8[np.ndarray, "side side 3"]:
        side = self.config.canvas_size
        top, left = generator.integers(0, len(image) - side + 1, size=2)
        return image[top : top + side, left : left + side]


def _training_sketches(packed: PackedSet, absent: frozenset[str]) -> list[int]:
    """Sketches of training photos; one that shows a mere category has no photo to be near to."""
    return [
        i
        for i, sketch in enumerate(packed.pairs.sketches)
        if sketch.split == "train" and sketch.photo is not None and sketch.category not in absent
    ]


def _undrawn_photos(packed: PackedSet, absent: frozenset[str]) -> list[int]:
    photos = enumerate(packed.pairs.photos)
    return [i for i, p in photos if p.split is None and p.category not in absent]


def _to_tensor(images: UInt8[np.ndarray, "batch side side 3"]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
