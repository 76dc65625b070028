"""Searching as tools of an assistant, after the Model Context Protocol. Needs the extra `mcp`.

The sketch comes as a file of this computer, or as the text of an SVG or of our JSON, which an
assistant can write by itself.
"""

from pathlib import Path
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

from inkseek.errors import InkseekError, SketchFormatError
from inkseek.search import Searcher
from inkseek.server.explanations import Explanations
from inkseek.server.schema import PhotoFilters
from inkseek.server.thumbnails import Thumbnails
from inkseek.strokes.readers import parse_sketch, read_sketch
from inkseek.strokes.sketch import Sketch

MAX_HITS = 100
ANY_PHOTO = PhotoFilters()

INSTRUCTIONS = (
    "Finds photos on this computer that look like a drawing. Draw as few plain strokes as a "
    'person would, for instance as SVG: <svg viewBox="0 0 100 100"><path d="M10 50 L90 50"/></svg>'
)

File = Annotated[str | None, Field(description="Path of a drawing: SVG, JSON, PNG, JPEG, ...")]
Narrowed = Annotated[
    PhotoFilters, Field(description="Which photos may be found; times are ISO dates or times")
]
Text = Annotated[
    str | None, Field(description="Text of an SVG, or of an inkseek, Excalidraw or InkML drawing")
]


class FoundPhoto(BaseModel):
    """One photo found, and the files that show the same."""

    photo_id: str
    path: str
    similarity: float
    confidence: float
    duplicates: list[str]


class Found(BaseModel):
    """Photos, best first; `nothing_matches` when probably none of them is what was drawn."""

    photos: list[FoundPhoto]
    nothing_matches: bool


class MetStroke(BaseModel):
    """How much a stroke adds to the similarity, and where in the photo most of it comes from.

    `left` and `top` are shares of the square around the photo.
    """

    stroke: int
    adds: float
    left: float
    top: float


class Explained(BaseModel):
    """Why a photo was found: its similarity, and the strokes, the one that adds most first."""

    similarity: float
    strokes: list[MetStroke]


def make_server(searcher: Searcher) -> MCPServer:
    """The tools for one gallery."""
    server = MCPServer("inkseek", instructions=INSTRUCTIONS, log_level="WARNING")
    explanations = Explanations(searcher, Thumbnails())

    @server.tool()
    def search_photos(
        sketch_file: File = None,
        sketch_text: Text = None,
        k: Annotated[int, Field(ge=1, le=MAX_HITS, description="Number of photos")] = 10,
        filters: Narrowed = ANY_PHOTO,
    ) -> Found:
        """Find the photos most like a drawing; pass either sketch_file or sketch_text."""
        try:
            sketch = load_sketch(sketch_file, sketch_text)
            hits = searcher.search(sketch, k, filters.to_filters())
        except InkseekError as error:
            raise ToolError(str(error)) from error
        photos = [
            FoundPhoto(
                photo_id=hit.photo_id,
                path=hit.path,
                similarity=hit.similarity,
                confidence=hit.confidence,
                duplicates=list(hit.duplicates),
            )
            for hit in hits
        ]
        return Found(photos=photos, nothing_matches=searcher.nothing_matches(hits))

    @server.tool()
    def explain_match(
        photo_id: Annotated[str, Field(description="From search_photos")],
        sketch_file: File = None,
        sketch_text: Text = None,
    ) -> Explained:
        """Say which strokes of a drawing speak for a photo that it found, and where."""
        try:
            found = explanations.explain(load_sketch(sketch_file, sketch_text), photo_id)
        except InkseekError as error:
            raise ToolError(str(error)) from error
        strokes = [
            MetStroke(stroke=i + 1, adds=match.adds, left=match.left, top=match.top)
            for i, match in enumerate(found.strokes)
        ]
        strokes.sort(key=lambda stroke: -stroke.adds)
        return Explained(similarity=found.similarity, strokes=strokes)

    return server


def load_sketch(file: str | None, text: str | None) -> Sketch:
    """The sketch of a file or of a text, whichever is given.

    Raises:
        SketchFormatError: Neither or both are, or it is no sketch.
    """
    if file is not None and text is None:
        return read_sketch(Path(file).expanduser())
    if text is not None and file is None:
        return parse_sketch(text.encode(errors="replace"), "sketch_text")
    raise SketchFormatError("pass either sketch_file or sketch_text")
