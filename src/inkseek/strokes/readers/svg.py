"""SVG: every visible outline is a stroke, in document order, on the canvas of the viewBox.

Transforms, shapes, arcs, curves, `use`, nested `svg` and simple style sheets are followed; text,
images, clipping and animation are not drawn lines and are left out. A filled shape without a
stroke counts by its outline. Parsing happens in a child process (`svg_outlines`).
"""

from inkseek.errors import SketchFormatError
from inkseek.strokes.readers.confined import parse_confined
from inkseek.strokes.readers.limits import build_sketch
from inkseek.strokes.readers.svg_outlines import read_outlines
from inkseek.strokes.readers.xml import MEMORY_BYTES, SECONDS
from inkseek.strokes.sketch import Sketch


def parse_svg(content: bytes, name: str) -> Sketch:
    """Parse a document.

    Raises:
        SketchFormatError: It is damaged, or draws no line.
        LimitError: It is too large, or takes too long.
    """
    outlines = parse_confined(
        read_outlines, content, name, seconds=SECONDS, memory_bytes=MEMORY_BYTES
    )
    if not outlines.lengths:
        raise SketchFormatError(f"{name} draws no line; draw something first")
    return build_sketch(outlines.points, outlines.lengths, name, canvas_size=outlines.canvas_size)
