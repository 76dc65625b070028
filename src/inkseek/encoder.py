"""A model folder as one callable: sketches and photos to embeddings in one space.

Runs on onnxruntime alone; nothing here, or below it, imports torch.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime
from jaxtyping import Float32, Int64, UInt8
from onnxruntime.capi.onnxruntime_pybind11_state import (
    Fail,
    InvalidGraph,
    InvalidProtobuf,
    RuntimeException,
)

from inkseek.assets import find_asset
from inkseek.card import ModelCard, read_card, read_checked
from inkseek.errors import InkseekError, ModelError, SketchFormatError
from inkseek.raster.draw import draw_batch
from inkseek.raster.photo import decode_photo, fit_square
from inkseek.selector import Choice, Selector
from inkseek.strokes.sketch import Sketch

Precision = Literal["int8", "fp32"]
FILES: dict[Precision, str] = {"int8": "student.int8.onnx", "fp32": "student.onnx"}
SELECTOR = "selector.onnx"

CHUNK = 32
"""Images in one run of the network: enough to be efficient, little enough to stay in cache."""

PLACES = "places"
"""Output of a network that says which part of an embedding comes from where."""

Photo = Path | UInt8[np.ndarray, "_height _width 3"]


class Encoder:
    """The networks of a model folder.

    Attributes:
        card: What the folder says of itself.
        folder: Where it lies, if it was loaded from there.
    """

    def __init__(
        self,
        card: ModelCard,
        network: bytes,
        *,
        selector: bytes | None = None,
        num_threads: int = 1,
    ) -> None:
        self.card = card
        self.folder: Path | None = None
        self._session = _open_session(network, card.name, num_threads)
        self._selector = (
            Selector(card.selector, _open_session(selector, card.name, 1))
            if card.selector and selector
            else None
        )

    @classmethod
    def load(
        cls, model: str | Path = "default", *, precision: Precision = "int8", num_threads: int = 1
    ) -> "Encoder":
        """Open a model folder, or one that ships with the package by its name.

        Args:
            model: Folder, or the name of a shipped model.
            precision: Which network; both embed into the same space.
            num_threads: Processor threads for one run of the network.

        Raises:
            ModelError: There is no such model, or a file differs from its card.
        """
        folder = _find_model(model)
        card = read_card(folder)
        network = read_checked(folder, FILES[precision], card)
        selector = read_checked(folder, SELECTOR, card) if card.selector else None
        encoder = cls(card, network, selector=selector, num_threads=num_threads)
        encoder.folder = folder
        return encoder

    @property
    def digest(self) -> str:
        """Names the embedding space; see `ModelCard.digest`."""
        return self.card.digest

    @property
    def dim(self) -> int:
        """Width of the embedding."""
        return self.card.dim

    @property
    def photo_size(self) -> int:
        """Side in pixels to which photos are fitted."""
        return self.card.photo_size

    @property
    def canvas_size(self) -> int:
        """Side in pixels at which sketches are drawn where no selector chooses."""
        return self.card.canvas_sizes[0]

    def choose_canvases(self, sketches: Sequence[Sketch]) -> Int64[np.ndarray, " batch"]:
        """The sizes of `choose`.

        Raises:
            SketchFormatError: A sketch has no strokes.
        """
        return self._select(sketches).sizes

    def choose(self, sketches: Sequence[Sketch]) -> Choice:
        """The canvas on which each sketch is to be drawn: by the selector if there is one.

        Its cost is that of both networks, selector and student.

        Raises:
            SketchFormatError: A sketch has no strokes.
        """
        chosen = self._select(sketches)
        student = np.array([self.card.gflops[int(size)] for size in chosen.sizes], dtype=np.float64)
        return Choice(chosen.sizes, student + chosen.gflops)

    def _select(self, sketches: Sequence[Sketch]) -> Choice:
        for i, sketch in enumerate(sketches):
            if not sketch.strokes:
                raise SketchFormatError(f"sketch {i} of {len(sketches)} is empty: draw a stroke")
        if self._selector is None:
            count = len(sketches)
            return Choice(np.full(count, self.canvas_size, dtype=np.int64), np.zeros(count))
        return self._selector.choose(sketches)

    def embed_sketches(self, sketches: Sequence[Sketch]) -> Float32[np.ndarray, "batch dim"]:
        """Unit rows, one a sketch.

        Raises:
            SketchFormatError: A sketch has no strokes.
        """
        sizes = self.choose_canvases(sketches)
        rows = np.empty((len(sketches), self.dim), dtype=np.float32)
        for size in np.unique(sizes):
            chosen = np.flatnonzero(sizes == size).tolist()
            rows[chosen] = self.embed_drawn([sketches[i] for i in chosen], int(size))
        return rows

    def embed_drawn(
        self, sketches: Sequence[Sketch], canvas_size: int
    ) -> Float32[np.ndarray, "batch dim"]:
        """Unit rows of sketches that are all drawn at the same size, whatever the selector says."""
        drawn = draw_batch(
            sketches, canvas_size, pen_width=self.card.pen_width, margin=self.card.margin
        )
        return self.embed_images(np.broadcast_to(drawn[:, None], (len(drawn), 3, *drawn.shape[1:])))

    def embed_photos(self, photos: Sequence[Photo]) -> Float32[np.ndarray, "batch dim"]:
        """Unit rows, one a photo; files are decoded here, in this process.

        Raises:
            PhotoError: A file is not a readable photo.
        """
        fitted = np.empty((len(photos), self.photo_size, self.photo_size, 3), dtype=np.uint8)
        for i, photo in enumerate(photos):
            if isinstance(photo, Path):
                photo = decode_photo(photo, max_side=self.photo_size).pixels
            fitted[i] = fit_square(photo, self.photo_size)
        return self.embed_images(fitted.transpose(0, 3, 1, 2))

    def embed_images(
        self, images: UInt8[np.ndarray, "batch 3 side side"]
    ) -> Float32[np.ndarray, "batch dim"]:
        """Unit rows of RGB pixels that are already drawn or fitted to a canvas."""
        rows = np.empty((len(images), self.dim), dtype=np.float32)
        for begin in range(0, len(images), CHUNK):
            chunk = np.ascontiguousarray(images[begin : begin + CHUNK])
            rows[begin : begin + CHUNK] = self._session.run(["embedding"], {"image": chunk})[0]
        return rows

    def embed_places(
        self, images: UInt8[np.ndarray, "batch 3 side side"]
    ) -> Float32[np.ndarray, "batch rows columns dim"]:
        """The part of each embedding that each place of an image brings; they add up to it.

        Raises:
            ModelError: The network gives no parts; only those in float32 do.
        """
        if PLACES not in [output.name for output in self._session.get_outputs()]:
            raise ModelError(
                f"model {self.card.name} cannot explain with this network; load it with "
                "precision='fp32', or export it again with `inkseek export`"
            )
        chunks = [
            np.ascontiguousarray(images[begin : begin + CHUNK])
            for begin in range(0, len(images), CHUNK)
        ]
        parts: Float32[np.ndarray, "batch rows columns dim"] = np.concatenate(
            [self._session.run([PLACES], {"image": chunk})[0] for chunk in chunks]
        )
        return parts


def _open_session(network: bytes, name: str, num_threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # One query is too small to share: two threads on busy cores were 2-5 times slower.
    options.intra_op_num_threads = num_threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    except (InvalidProtobuf, Fail, InvalidGraph, RuntimeException) as error:
        message = " ".join(str(error).split())
        raise ModelError(f"model {name} does not load: {message}") from error


def _find_model(model: str | Path) -> Path:
    """A shipped model by its bare name, before a folder that happens to be called so."""
    if isinstance(model, str) and Path(model).name == model:
        try:
            return find_asset(f"models/{model}")
        except InkseekError:
            pass
    if not Path(model).is_dir():
        raise ModelError(f"no model {model}: neither shipped with inkseek nor a folder")
    return Path(model)
