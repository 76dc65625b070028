"""What goes over the wire; the OpenAPI document is made from this."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, FailFast, Field

MAX_STROKES = 2_000
MAX_POINTS = 50_000
MAX_HITS = 500
MAX_MAGNITUDE = 1e6

Value = Annotated[
    float, Field(strict=True, ge=-MAX_MAGNITUDE, le=MAX_MAGNITUDE, allow_inf_nan=False)
]
Point = Annotated[list[Value], Field(min_length=2, max_length=4)]
# The first bad point ends it: a million complaints would be larger than what they are about.
Stroke = Annotated[list[Point], FailFast()]


class DrawnSketch(BaseModel):
    """A drawing, in the form of `strokes.readers.inkseek_json`.

    A point is x, y and perhaps milliseconds and pressure, which a search does not look at.
    """

    model_config = ConfigDict(extra="forbid")

    format: Literal["inkseek-sketch"] = "inkseek-sketch"
    version: Literal[1] = 1
    canvas_size: float = Field(gt=0, le=MAX_MAGNITUDE, allow_inf_nan=False)
    strokes: Annotated[list[Stroke], FailFast()] = Field(max_length=MAX_STROKES)


class SearchRequest(BaseModel):
    """A drawing, and which photos may answer."""

    model_config = ConfigDict(extra="forbid")

    sketch: DrawnSketch
    k: int = Field(default=40, ge=1, le=MAX_HITS)
    folder: str | None = None
    orientation: Literal["landscape", "portrait", "square"] | None = None


class FoundPhoto(BaseModel):
    """One hit; `name` is the file's name, since the page needs no paths."""

    photo_id: str
    name: str
    similarity: float
    confidence: float
    num_duplicates: int
    thumbnail: str
    photo: str


class SearchAnswer(BaseModel):
    """Hits, best first, and whether any is likely to be what was drawn."""

    hits: list[FoundPhoto]
    nothing_matches: bool
    milliseconds: float


class ExplainRequest(BaseModel):
    """A drawing and one of the photos that answered it."""

    model_config = ConfigDict(extra="forbid")

    sketch: DrawnSketch
    photo_id: str = Field(max_length=200)


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


class Health(BaseModel):
    """What is being served."""

    status: Literal["ok"]
    version: str
    model: str
    photos: int


class Problem(BaseModel):
    """An error, after RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
