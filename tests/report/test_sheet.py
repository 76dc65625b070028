import numpy as np
import pytest

from inkseek.errors import SketchFormatError
from inkseek.raster.draw import draw
from inkseek.report.grid import ACCENT, EDGE
from inkseek.report.sheet import Cell, draw_sheet, wrap
from inkseek.strokes.sketch import Sketch

LINE = Sketch((np.float32([[0, 0], [10, 5]]),), 10.0)
NOTHING = Sketch((), 10.0)


def colours(picture):
    return {colour for _, colour in picture.getcolors(1 << 20)}


def test_each_sketch_is_drawn_as_a_search_sees_it():
    sheet = np.asarray(draw_sheet([[Cell(NOTHING), Cell(LINE)]], side=32).convert("L"))
    ink = draw(LINE, 32)
    height, width = sheet.shape
    found = [
        (y, x)
        for y in range(height - 31)
        for x in range(width - 31)
        if np.array_equal(sheet[y : y + 32, x : x + 32], ink)
    ]
    assert len(found) == 1
    assert found[0][1] > width / 2


def test_the_sheet_grows_with_its_rows_and_captions():
    one = draw_sheet([[Cell(LINE)]], side=32)
    wide = draw_sheet([[Cell(LINE), Cell(LINE)]], side=32)
    high = draw_sheet([[Cell(LINE)], [Cell(LINE)]], side=32)
    told = draw_sheet([[Cell(LINE, "a line")]], side=32)
    assert wide.width > one.width == high.width == told.width
    assert high.height > told.height > one.height == wide.height


def test_what_was_given_has_a_frame_of_its_own():
    assert ACCENT in colours(draw_sheet([[Cell(LINE, is_given=True)]], side=32))
    plain = colours(draw_sheet([[Cell(LINE)]], side=32))
    assert EDGE in plain
    assert ACCENT not in plain


def test_cells_are_wrapped_in_order():
    cells = [Cell(LINE, str(i)) for i in range(5)]
    assert [[cell.caption for cell in row] for row in wrap(cells, 2)] == [
        ["0", "1"],
        ["2", "3"],
        ["4"],
    ]


@pytest.mark.parametrize("rows", [[], [[]]])
def test_a_sheet_of_nothing_is_an_error(rows):
    with pytest.raises(SketchFormatError, match="at least one"):
        draw_sheet(rows)
