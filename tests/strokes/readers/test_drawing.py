from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw
from pillow_heif import register_heif_opener

from inkseek.errors import LimitError, SketchFormatError
from inkseek.strokes.readers import parse_sketch, read_sketch
from inkseek.strokes.readers.drawing import MAX_SIDE, decode_gray


def encode(image, kind, **options):
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def draw_cross(mode="L", size=(120, 100), paper=255, ink=0):
    image = Image.new(mode, size, paper)
    pen = ImageDraw.Draw(image)
    pen.line([(10, 50), (110, 50)], fill=ink, width=3)
    pen.line([(60, 10), (60, 90)], fill=ink, width=3)
    return image


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF"])
def test_lines_are_traced(kind, tmp_path):
    path = tmp_path / "cross"
    if kind == "HEIF":
        register_heif_opener()
    path.write_bytes(encode(draw_cross(), kind))
    sketch = read_sketch(path)
    points = np.concatenate(sketch.strokes)
    np.testing.assert_allclose(points.min(axis=0), [10, 10], atol=4)
    np.testing.assert_allclose(points.max(axis=0), [110, 90], atol=4)
    assert sketch.canvas_size == 120


def test_transparency_is_white_paper():
    image = draw_cross("RGBA", paper=(0, 0, 0, 0), ink=(0, 0, 0, 255))
    gray = decode_gray(encode(image, "PNG"), "cross.png")
    assert gray[0, 0] == 255
    assert gray[50, 60] == 0


def test_a_turned_photograph_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode_gray(encode(draw_cross(), "JPEG", exif=exif), "cross.jpg").shape == (120, 100)


def test_a_large_drawing_comes_back_smaller():
    image = Image.new("L", (4000, 1000), 255)
    assert decode_gray(encode(image, "PNG"), "page.png").shape == (MAX_SIDE // 4, MAX_SIDE)


def test_a_blank_page_is_told():
    with pytest.raises(SketchFormatError, match=r"blank.png: the drawing is blank"):
        parse_sketch(encode(Image.new("L", (64, 64), 255), "PNG"), "blank.png")


def test_too_many_pixels_are_refused_by_the_header():
    content = encode(Image.new("1", (9000, 9000)), "PNG")
    with pytest.raises(LimitError, match=r"big.png has 9000 x 9000 pixels"):
        decode_gray(content, "big.png")


def test_sixteen_bits_are_scaled_and_not_clipped():
    scan = np.asarray(draw_cross(paper=230, ink=60), np.uint16) * 257
    gray = decode_gray(encode(Image.fromarray(scan), "PNG"), "scan.png")
    assert (gray[0, 0], gray[50, 60]) == (230, 60)


def test_floating_point_is_scaled():
    scan = np.asarray(draw_cross(), np.float32) / 255
    gray = decode_gray(encode(Image.fromarray(scan), "TIFF"), "scan.tif")
    assert (gray[0, 0], gray[50, 60]) == (255, 0)


def test_other_image_formats_are_no_sketches():
    with pytest.raises(SketchFormatError, match=r"cross.ico is of no sketch format"):
        parse_sketch(encode(draw_cross(), "ICO"), "cross.ico")
