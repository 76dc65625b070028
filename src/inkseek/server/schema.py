"""What a drawing, a search and its answer are over the wire; OpenAPI is made from this."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    FailFast,
    Field,
    WithJsonSchema,
    model_validator,
)

from inkseek.gallery.filters import Filters

MAX_STROKES = 2_000
MAX_POINTS = 50_000
MAX_HITS = 500
MAX_OFFSET = 10_000
MAX_BATCH = 64
MAX_FEEDBACK = 50
MAX_DIM = 4_096
MAX_TAGS = 20
MAX_SUGGESTIONS = 8
MAX_GENERATED = 20
MAX_NAME = 100
MAX_SEED = 2**31 - 1
MAX_MAGNITUDE = 1e6

Value = Annotated[
    float, Field(strict=True, ge=-MAX_MAGNITUDE, le=MAX_MAGNITUDE, allow_inf_nan=False)
]
Point = Annotated[list[Value], Field(min_length=2, max_length=4)]
# The first bad point ends it: a million complaints would be larger than what they are about.
Stroke = Annotated[list[Point], FailFast()]
PhotoId = Annotated[str, Field(max_length=200)]
# A zero byte ends a name for the operating system, and a text for the gallery.
Folder = Annotated[str, Field(min_length=1, max_length=4_096, pattern=r"^[^\x00]+$")]
# As indexing keeps them; longer ones are on no photo.
Tag = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]


def _check_moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
        # Filters take times in the zone of this computer, which the first and last days may leave.
        moment.astimezone()
    except (ValueError, OverflowError, OSError):
        raise ValueError("no such time; write 2024-05-31 or 2024-05-31T18:30:00") from None
    return text


Moment = Annotated[
    str,
    Field(strict=True, max_length=40),
    AfterValidator(_check_moment),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": kind} for kind in ("date", "date-time")]}
    ),
]


class Strict(BaseModel):
    """A request, in which an unknown name is a mistake."""

    model_config = ConfigDict(extra="forbid")


class DrawnSketch(Strict):
    """A drawing, in the form of `strokes.readers.inkseek_json`.

    A point is x, y and perhaps milliseconds and pressure, which a search does not look at.
    """

    format: Literal["inkseek-sketch"] = "inkseek-sketch"
    version: Literal[1] = 1
    canvas_size: float = Field(strict=True, gt=0, le=MAX_MAGNITUDE, allow_inf_nan=False)
    strokes: Annotated[list[Stroke], FailFast()] = Field(max_length=MAX_STROKES)


class PhotoFilters(Strict):
    """Which photos may be found.

    `not_folder` leaves a folder out, `min_side` is the least of the shorter side in pixels, every
    one of `tags` must be on the photo, and times are the camera's; a photo of unknown time passes
    neither `taken_after` nor `taken_before`.
    """

    folder: Folder | None = None
    not_folder: Folder | None = None
    taken_after: Moment | None = None
    taken_before: Moment | None = None
    min_side: int | None = Field(default=None, ge=1, le=1_000_000, strict=True)
    orientation: Literal["landscape", "portrait", "square"] | None = None
    tags: list[Tag] = Field(default=[], max_length=MAX_TAGS)

    def to_filters(self) -> Filters:
        """The conditions as the gallery takes them."""
        return Filters(
            folder=self.folder,
            not_folder=self.not_folder,
            taken_after=datetime.fromisoformat(self.taken_after) if self.taken_after else None,
            taken_before=datetime.fromisoformat(self.taken_before) if self.taken_before else None,
            min_width=self.min_side,
            min_height=self.min_side,
            orientation=self.orientation,
            tags=tuple(self.tags),
        )


class FilteredRequest(PhotoFilters):
    """How many hits are wanted, and which photos may be among them."""

    k: int = Field(default=40, ge=1, le=MAX_HITS, strict=True)


QUERIES: dict[str, Any] = {
    "anyOf": [
        {"required": ["sketch"], "properties": {"sketch": {"type": "object"}}},
        {"required": ["embedding"], "properties": {"embedding": {"type": "array"}}},
        {"required": ["like_photo"], "properties": {"like_photo": {"type": "string"}}},
    ]
}


class SearchRequest(FilteredRequest):
    """What to look for, from which hit on, and what was liked so far.

    What to look for is `like_photo`, the id of a photo; or else `embedding`, of unit length, made
    by the served model; or else `sketch`. `liked` and `disliked` are ids of photos that move the
    query (`inkseek.feedback`); those that are no longer in the gallery count for nothing.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra=QUERIES)

    sketch: DrawnSketch | None = None
    embedding: list[Value] | None = Field(default=None, min_length=1, max_length=MAX_DIM)
    like_photo: PhotoId | None = None
    offset: int = Field(default=0, ge=0, le=MAX_OFFSET, strict=True)
    liked: list[PhotoId] = Field(default=[], max_length=MAX_FEEDBACK)
    disliked: list[PhotoId] = Field(default=[], max_length=MAX_FEEDBACK)

    @model_validator(mode="after")
    def _check_query(self) -> "SearchRequest":
        if self.sketch is None and self.embedding is None and self.like_photo is None:
            raise ValueError("nothing to look for; send sketch, embedding or like_photo")
        return self


class LiveRequest(FilteredRequest):
    """A drawing that is answered stroke by stroke, as if it were drawn again."""

    sketch: DrawnSketch


class BatchRequest(FilteredRequest):
    """Several drawings that are answered at once."""

    sketches: list[DrawnSketch] = Field(min_length=1, max_length=MAX_BATCH)


class EmbedRequest(Strict):
    """Drawings to embed."""

    sketches: list[DrawnSketch] = Field(min_length=1, max_length=MAX_BATCH)


class EmbedAnswer(BaseModel):
    """A unit row a drawing; `model` is the digest of the embedding space."""

    model: str
    dim: int
    embeddings: list[list[float]]


class FoundPhoto(BaseModel):
    """One hit; `name` is the file's name, since the page needs no paths."""

    photo_id: str
    name: str
    similarity: float
    confidence: float
    num_duplicates: int
    thumbnail: str
    photo: str


class Timings(BaseModel):
    """Where the milliseconds went; `raster` includes the choice of a canvas."""

    raster: float
    encode: float
    search: float


class SearchAnswer(BaseModel):
    """Hits, best first, whether any is likely to be what was drawn, and whether more follow.

    Where the model chose a canvas for the drawing: its side in pixels, and what choosing and
    embedding took, as 2 x multiply-adds in 10^9.
    """

    hits: list[FoundPhoto]
    nothing_matches: bool
    more: bool
    milliseconds: float
    timings: Timings
    canvas_size: int | None = None
    gflops: float | None = None


class LiveAnswer(BaseModel):
    """The answer to the first so many strokes."""

    strokes: int
    answer: SearchAnswer


class BatchAnswer(BaseModel):
    """An answer a drawing, in the order asked."""

    answers: list[SearchAnswer]


class ExplainRequest(Strict):
    """A drawing and one of the photos that answered it."""

    sketch: DrawnSketch
    photo_id: PhotoId


class StrokeMatch(BaseModel):
    """What a stroke adds to the similarity, and where in the photo most of it comes from.

    `left` and `top` are shares of the side of the square that the photo is fitted to, centred.
    """

    adds: float
    left: float
    top: float


class Explanation(BaseModel):
    """A match taken apart; `photo` holds rows of parts that add up to the similarity."""

    similarity: float
    strokes: list[StrokeMatch]
    photo: list[list[float]]


class TidyRequest(Strict):
    """A drawing whose strokes may be misplaced."""

    sketch: DrawnSketch


class TidyAnswer(BaseModel):
    """The strokes asked about, in their order; each as it was, but moved by one of `moves`, (x, y).

    The first stroke stays where it is.
    """

    canvas_size: float
    strokes: list[list[list[float]]]
    moves: list[tuple[float, float]]


class SuggestRequest(Strict):
    """A drawing, whole or only begun, and how many others are wanted at most."""

    sketch: DrawnSketch
    count: int = Field(default=4, ge=1, le=MAX_SUGGESTIONS, strict=True)
    seed: int = Field(default=0, ge=0, le=MAX_SEED, strict=True)


class Category(BaseModel):
    """What can be drawn by its name alone."""

    name: str


class GenerateRequest(Strict):
    """What new drawings are to be like; those of temperature 0 are the likeliest."""

    category: str | None = Field(default=None, max_length=MAX_NAME)
    sketch: DrawnSketch | None = None
    count: int = Field(default=4, ge=1, le=MAX_GENERATED, strict=True)
    temperature: float = Field(default=0.24, ge=0, le=2)
    seed: int = Field(default=0, ge=0, le=MAX_SEED, strict=True)

    @model_validator(mode="after")
    def _has_one(self) -> "GenerateRequest":
        if (self.category is None) == (self.sketch is None):
            raise ValueError("give a category or a sketch, and not both")
        return self


class InterpolateRequest(Strict):
    """Two drawings, and how many are wanted on the way from one to the other, ends included."""

    first: DrawnSketch
    last: DrawnSketch
    count: int = Field(default=7, ge=2, le=MAX_GENERATED, strict=True)


class SketchAnswer(BaseModel):
    """A drawing of the model's."""

    canvas_size: float
    strokes: list[list[list[float]]]


class SketchesAnswer(BaseModel):
    """Drawings of the model's; suggestions begin with the likeliest, and there may be none."""

    sketches: list[SketchAnswer]


class Problem(BaseModel):
    """An error, after RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
