"""The part of SVG reading that runs in a child process: XML to flat outlines.

svgelements reads transforms, lengths, path data and shapes; the tree is walked here, where every
visit counts against a limit, so that a chain of `use` elements cannot explode.
"""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64
from lxml import etree  # type: ignore[import-untyped]
from svgelements import Circle, Ellipse, Matrix, Path, Polygon, Polyline, Rect, Shape, SimpleLine

from inkseek.errors import InkseekError, LimitError, SketchFormatError
from inkseek.strokes.readers.limits import check_counts
from inkseek.strokes.readers.svg_curves import flatten_shape
from inkseek.strokes.readers.svg_style import StyleSheet
from inkseek.strokes.readers.xml import local_name, parse_xml

MAX_ELEMENTS = 20_000
"""Visits of an element; one that is used twice is visited twice."""

MAX_DEPTH = 128

PRECISION = 0.002
"""Largest distance of a flattened curve from the true one, as a share of the canvas."""

SHAPES: dict[str, type[Shape]] = {
    "circle": Circle,
    "ellipse": Ellipse,
    "line": SimpleLine,
    "path": Path,
    "polygon": Polygon,
    "polyline": Polyline,
    "rect": Rect,
}

CONTAINERS = {"a", "g", "svg", "switch", "use"}

NO_PAINT = {"none", "transparent"}

HREF = "{http://www.w3.org/1999/xlink}href"

PARSER_ERRORS = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError)
"""What svgelements is known to raise on damaged values."""


@dataclass(frozen=True)
class Outlines:
    """Points of all strokes, in units of the canvas.

    Attributes:
        points: Relative to the upper left corner of the canvas, where there is one.
        lengths: Points of each stroke.
        canvas_size: Longer side of the viewBox; None where the document does not say.
    """

    points: Float64[np.ndarray, "points 2"]
    lengths: list[int]
    canvas_size: float | None


@dataclass(frozen=True)
class _State:
    """What an element inherits."""

    matrix: Matrix
    style: dict[str, str]
    depth: int = 0


@dataclass
class _Walk:
    """What one document shares between its elements."""

    root: etree._Element
    name: str
    sheet: StyleSheet
    canvas: tuple[float, float, float, float] | None
    ids: dict[str, etree._Element] = field(default_factory=dict)
    strokes: list[Float64[np.ndarray, "_points 2"]] = field(default_factory=list)
    num_visits: int = 0
    num_points: int = 0

    def visit(self, element: etree._Element, state: _State) -> None:
        """Draw an element and what is in it."""
        self.num_visits += 1
        if self.num_visits > MAX_ELEMENTS or state.depth > MAX_DEPTH:
            raise LimitError(
                f"{self.name} draws more than {MAX_ELEMENTS:,} elements or nests them more than "
                f"{MAX_DEPTH} deep, `use` included; simplify it"
            )
        tag = local_name(element)
        style = self.sheet.apply(element, tag, state.style)
        if style.get("display") == "none" or not (tag in SHAPES or tag in CONTAINERS):
            return
        matrix = state.matrix
        if element.get("transform"):
            matrix = Matrix(element.get("transform")) * matrix
        if tag in SHAPES:
            self._draw(element, tag, matrix, style)
            return
        inner = _State(matrix, style, state.depth + 1)
        if tag == "use":
            self._use(element, inner)
        else:
            if tag == "svg" and element is not self.root:
                inner = _State(_frame(element, element) * matrix, style, state.depth + 1)
            self.visit_children(element, inner)

    def visit_children(self, element: etree._Element, state: _State) -> None:
        """Draw what is in an element."""
        for child in element:
            self.visit(child, state)

    def _use(self, element: etree._Element, state: _State) -> None:
        target = self.ids.get((element.get("href") or element.get(HREF) or "").removeprefix("#"))
        if target is None:
            return
        if local_name(target) in {"symbol", "svg"}:
            matrix = _frame(element, target) * state.matrix
            self.visit_children(target, _State(matrix, state.style, state.depth + 1))
        else:
            shift = Matrix.translate(_number(element, "x"), _number(element, "y"))
            self.visit(target, _State(shift * state.matrix, state.style, state.depth + 1))

    def _draw(
        self, element: etree._Element, tag: str, matrix: Matrix, style: dict[str, str]
    ) -> None:
        is_stroked = style.get("stroke", "none") not in NO_PAINT
        is_filled = style.get("fill", "black") not in NO_PAINT
        if style.get("visibility") in {"hidden", "collapse"} or not (is_stroked or is_filled):
            return
        attributes = {key: value for key, value in element.attrib.items() if key != "transform"}
        _, _, width, height = self.canvas or (0.0, 0.0, 1000.0, 1000.0)
        shape = Path(attributes.get("d", "")) if tag == "path" else SHAPES[tag](attributes)
        shape.render(ppi=96, width=width, height=height)
        if not (is_stroked or tag != "rect") and self._covers_canvas(shape, matrix):
            return
        for stroke in flatten_shape(shape, matrix, PRECISION * max(width, height)):
            self.strokes.append(stroke)
            self.num_points += len(stroke)
            check_counts(len(self.strokes), self.num_points, self.name)

    def _covers_canvas(self, rect: Rect, matrix: Matrix) -> bool:
        """A filled background is paper, not a line."""
        if self.canvas is None:
            return False
        left, top, width, height = self.canvas
        corners = [
            matrix.point_in_matrix_space((x, y))
            for x in (rect.x, rect.x + rect.width)
            for y in (rect.y, rect.y + rect.height)
        ]
        xs, ys = [corner.x for corner in corners], [corner.y for corner in corners]
        slack = 0.01 * max(width, height)
        return bool(
            min(xs) <= left + slack
            and min(ys) <= top + slack
            and max(xs) >= left + width - slack
            and max(ys) >= top + height - slack
        )


def read_outlines(content: bytes, name: str) -> Outlines:
    """Parse a document and flatten its curves.

    Raises:
        SketchFormatError: It is damaged, or no SVG.
        LimitError: It draws too much.
    """
    root = parse_xml(content, name)
    if local_name(root) != "svg":
        raise SketchFormatError(f"{name} is XML, but its root is not svg; save it as SVG")
    try:
        canvas = _read_canvas(root)
        walk = _Walk(root, name, StyleSheet.of(root), canvas)
        walk.ids = {
            element.get("id"): element for element in root.iter(etree.Element) if element.get("id")
        }
        walk.visit(root, _State(Matrix(), {}))
    except InkseekError:
        raise
    except PARSER_ERRORS as error:
        reason = " ".join(str(error).split())[:100]
        raise SketchFormatError(
            f"{name} has a value that is not SVG ({type(error).__name__}: {reason}); save it anew"
        ) from None
    points = np.concatenate([np.zeros((0, 2)), *walk.strokes])
    if canvas is not None:
        points -= canvas[:2]
    size = None if canvas is None else max(canvas[2:])
    return Outlines(points, [len(stroke) for stroke in walk.strokes], size)


def _read_canvas(root: etree._Element) -> tuple[float, float, float, float] | None:
    """Left, top, width and height in user units."""
    box = _read_box(root)
    if box is None:
        width, height = _number(root, "width"), _number(root, "height")
        box = (0.0, 0.0, width, height)
    return box if box[2] > 0 and box[3] > 0 else None


def _read_box(element: etree._Element) -> tuple[float, float, float, float] | None:
    parts = (element.get("viewBox") or "").replace(",", " ").split()
    if len(parts) != 4:
        return None
    left, top, width, height = map(float, parts)
    return left, top, width, height


def _frame(place: etree._Element, content: etree._Element) -> Matrix:
    """Where the viewBox of `content` goes: into x, y, width and height of `place`, centred."""
    shift = Matrix.translate(_number(place, "x"), _number(place, "y"))
    box = _read_box(content)
    if box is None or box[2] <= 0 or box[3] <= 0:
        return shift
    width = _number(place, "width") or _number(content, "width") or box[2]
    height = _number(place, "height") or _number(content, "height") or box[3]
    scale = min(width / box[2], height / box[3])
    to_origin = Matrix.translate(-box[0] - box[2] / 2, -box[1] - box[3] / 2)
    return to_origin * Matrix.scale(scale) * Matrix.translate(width / 2, height / 2) * shift


def _number(element: etree._Element, attribute: str) -> float:
    """A length in pixels, whatever its unit says; relative ones count nothing."""
    text = (element.get(attribute) or "0").strip()
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    return 0.0 if text.endswith("%") else float(digits or 0)
