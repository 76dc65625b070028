"""`/api/sketches`: drawing files to strokes."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from inkseek.errors import SketchFormatError
from inkseek.server.schema import MAX_POINTS, MAX_STROKES, DrawnSketch
from inkseek.strokes.readers import parse_sketch

FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def make_router() -> APIRouter:
    """The routes of drawing files."""
    router = APIRouter(tags=["sketches"])

    @router.post("/api/sketches", openapi_extra=FILE_BODY)
    def read_drawing(
        content: Annotated[bytes, Depends(_read_body)],
        name: Annotated[str, Query(max_length=200)] = "the drawing",
    ) -> DrawnSketch:
        """The strokes of a drawing file: SVG, JSON, InkML, or a picture of a drawing.

        The body is the file as it is; errors call it by its name.
        """
        sketch = parse_sketch(content, name)
        if sketch.num_points > MAX_POINTS or len(sketch.strokes) > MAX_STROKES:
            raise SketchFormatError(
                f"the drawing has {sketch.num_points} points in {len(sketch.strokes)} strokes, "
                f"more than {MAX_POINTS} in {MAX_STROKES}; simplify it"
            )
        strokes = [stroke.tolist() for stroke in sketch.strokes]
        return DrawnSketch(canvas_size=sketch.canvas_size, strokes=strokes)

    return router


async def _read_body(request: Request) -> bytes:
    return await request.body()
