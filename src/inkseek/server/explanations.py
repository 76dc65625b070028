"""Why a photo was found: the service's side of `explain`."""

import io
from functools import cached_property

import numpy as np
from PIL import Image

from inkseek.encoder import Encoder
from inkseek.errors import ModelError
from inkseek.explain.match import explain_match
from inkseek.explain.picture import find_place
from inkseek.search import Searcher
from inkseek.server.originals import find_original
from inkseek.server.schema import Explanation, StrokeMatch
from inkseek.server.thumbnails import Thumbnails
from inkseek.strokes.sketch import Sketch

SIDE = 360
"""Of the thumbnail that stands for the photo: a decoded and checked picture, larger than what the
network sees."""


class Explanations:
    """Explains with the float32 network of the searcher's model, which is loaded on first use."""

    def __init__(self, searcher: Searcher, thumbnails: Thumbnails) -> None:
        self._searcher = searcher
        self._thumbnails = thumbnails

    def explain(self, sketch: Sketch, photo_id: str) -> Explanation:
        """Take the match of a sketch and a photo of the gallery apart.

        Raises:
            PhotoError: The gallery has no such photo, or its file is gone.
            SketchFormatError: The sketch is empty.
            ModelError: The model cannot explain.
        """
        content = self._thumbnails.find(photo_id, SIDE) or self._thumbnails.make(
            photo_id, SIDE, find_original(self._searcher.gallery, photo_id)
        )
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        found = explain_match(self._encoder, sketch, pixels)
        matches = []
        for adds, meeting in zip(found.strokes.tolist(), found.meetings, strict=True):
            left, top = find_place(meeting)
            matches.append(StrokeMatch(adds=adds, left=left, top=top))
        return Explanation(similarity=found.similarity, strokes=matches, photo=found.photo.tolist())

    @cached_property
    def _encoder(self) -> Encoder:
        folder = self._searcher.encoder.folder
        if folder is None:
            raise ModelError("this model was not loaded from a folder, so it cannot explain")
        return Encoder.load(folder, precision="fp32")
