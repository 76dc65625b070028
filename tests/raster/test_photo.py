import struct
import warnings
import zlib
from datetime import datetime
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter
from pillow_heif import register_heif_opener

from inkseek.errors import PhotoError
from inkseek.raster.photo import (
    MAX_PIXELS,
    TURNS,
    decode_photo,
    fit_square,
    near_duplicate_key,
)

MAKE, ORIENTATION, EXIF_IFD, DATE_TIME_ORIGINAL = 271, 274, 34665, 36867


@pytest.fixture
def scene() -> Image.Image:
    """Red, green and blue corners on a smooth ground: no two turns of it look alike."""
    across, down = np.meshgrid(np.linspace(60, 160, 96), np.linspace(60, 160, 64))
    pixels = np.stack([across, down, (across + down) / 2], axis=2).astype(np.uint8)
    pixels[:20, :20] = (220, 30, 30)
    pixels[:20, -20:] = (30, 200, 30)
    pixels[-20:, :20] = (30, 30, 220)
    return Image.fromarray(pixels)


def encode(image: Image.Image, image_format: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def noise(size: tuple[int, int], seed: int = 0) -> Image.Image:
    """Coarse and fine blots, as a photo has them."""
    generator = np.random.default_rng(seed)
    total = np.zeros((size[1], size[0], 3))
    for cells in (3, 6, 12, 24):
        pixels = generator.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
        blots = Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)
        total += np.asarray(blots, float) / cells
    return Image.fromarray((total / total.max() * 255).astype(np.uint8))


def difference(pixels: np.ndarray, image: Image.Image) -> float:
    return float(np.abs(pixels.astype(float) - np.asarray(image.convert("RGB"), float)).mean())


def bits_apart(one: int, other: int) -> int:
    return (one ^ other).bit_count()


@pytest.mark.parametrize("image_format", ["PNG", "BMP", "TIFF"])
def test_exact_formats_give_the_pixels_that_were_saved(scene, image_format):
    photo = decode_photo(encode(scene, image_format))
    np.testing.assert_array_equal(photo.pixels, np.asarray(scene))
    assert (photo.width, photo.height, photo.taken_at) == (96, 64, None)


@pytest.mark.parametrize("image_format", ["JPEG", "WEBP", "AVIF", "HEIF"])
def test_lossy_formats_give_nearly_the_pixels_that_were_saved(scene, image_format):
    register_heif_opener()
    photo = decode_photo(encode(scene, image_format, quality=95))
    assert photo.pixels.shape == (64, 96, 3)
    assert difference(photo.pixels, scene) < 4


def test_a_name_with_a_wrong_suffix_does_not_matter(scene, tmp_path):
    path = tmp_path / "photo.gif"
    path.write_bytes(encode(scene, "PNG"))
    np.testing.assert_array_equal(decode_photo(path).pixels, np.asarray(scene))


def test_only_the_first_frame_of_an_animation_is_read():
    first, second = Image.new("RGB", (8, 8), "red"), Image.new("RGB", (8, 8), "blue")
    photo = decode_photo(encode(first, "GIF", save_all=True, append_images=[second]))
    assert photo.pixels[0, 0].tolist() == [255, 0, 0]


def test_a_multi_picture_jpeg_of_a_phone_is_read_as_its_first_picture(scene):
    content = encode(scene, "MPO", save_all=True, append_images=[Image.new("RGB", (96, 64))])
    assert difference(decode_photo(content).pixels, scene) < 4


@pytest.mark.parametrize("image_format", ["JPEG", "TIFF"])
def test_cmyk_becomes_rgb(scene, image_format):
    content = encode(scene.convert("CMYK"), image_format)
    assert difference(decode_photo(content).pixels, scene) < 4


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_pixels_are_white(scene, mode):
    layer = scene.convert(mode)
    layer.putalpha(Image.new("L", scene.size, 0))
    assert (decode_photo(encode(layer, "PNG")).pixels == 255).all()


def test_half_transparent_pixels_are_mixed_with_white():
    content = encode(Image.new("RGBA", (4, 4), (0, 0, 0, 128)), "PNG")
    assert decode_photo(content).pixels[0, 0].tolist() == pytest.approx([127] * 3, abs=1)


@pytest.mark.parametrize("image_format", ["PNG", "GIF"])
def test_a_transparent_palette_entry_is_white(image_format):
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 200, 0, 0])
    image.putpixel((0, 0), 0)
    pixels = decode_photo(encode(image, image_format, transparency=0)).pixels
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert pixels[1, 1].tolist() == [200, 0, 0]


def test_a_bilevel_picture_is_black_and_white():
    image = Image.new("1", (4, 4), 1)
    image.putpixel((1, 0), 0)
    pixels = decode_photo(encode(image, "PNG")).pixels
    assert pixels[0, :2, 0].tolist() == [255, 0]


@pytest.mark.parametrize("image_format", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_rather_than_clipped(image_format):
    ramp = np.linspace(0, 65535, 64 * 4).astype(np.uint16).reshape(4, 64)
    pixels = decode_photo(encode(Image.fromarray(ramp), image_format)).pixels
    np.testing.assert_allclose(pixels[..., 0], ramp / 257, atol=0.51)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3, 5), (0, 200), (0, 1e6)])
def test_floats_are_scaled_rather_than_clipped(low, high):
    ramp = np.linspace(low, high, 64 * 4, dtype=np.float32).reshape(4, 64)
    pixels = decode_photo(encode(Image.fromarray(ramp), "TIFF")).pixels
    np.testing.assert_allclose(pixels[..., 0].ravel(), np.linspace(0, 255, 256), atol=0.51)


def test_unit_floats_keep_their_brightness():
    dim = np.full((4, 4), 0.2, np.float32)
    assert decode_photo(encode(Image.fromarray(dim), "TIFF")).pixels[0, 0, 0] == 51


def test_floats_that_are_no_numbers_are_tolerated():
    odd = np.array([[np.nan, np.inf], [-np.inf, 0.5]], np.float32)
    assert decode_photo(encode(Image.fromarray(odd), "TIFF")).pixels.shape == (2, 2, 3)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_comes_out_upright(scene, image_format, orientation):
    undo = {6: TURNS[8], 8: TURNS[6]}.get(orientation, TURNS.get(orientation))
    stored = scene if undo is None else scene.transpose(undo)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    photo = decode_photo(encode(stored, image_format, exif=exif))
    assert (photo.width, photo.height) == scene.size
    assert difference(photo.pixels, scene) < 6


def test_an_orientation_that_does_not_exist_is_ignored(scene):
    exif = Image.Exif()
    exif[ORIENTATION] = 77
    assert decode_photo(encode(scene, "PNG", exif=exif)).pixels.shape == (64, 96, 3)


def make_exif(taken: str) -> Image.Exif:
    exif = Image.Exif()
    exif[MAKE] = "camera"
    exif.get_ifd(EXIF_IFD)[DATE_TIME_ORIGINAL] = taken
    return exif


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_the_time_of_the_photo_comes_from_its_metadata(scene, image_format):
    register_heif_opener()
    content = encode(scene, image_format, exif=make_exif("2019:05:01 12:30:45"))
    assert decode_photo(content).taken_at == datetime(2019, 5, 1, 12, 30, 45)


@pytest.mark.parametrize("taken", ["", "0000:00:00 00:00:00", "yesterday", "2019:13:01 00:00:00"])
def test_an_impossible_time_is_no_time(scene, taken):
    assert decode_photo(encode(scene, "JPEG", exif=make_exif(taken))).taken_at is None


def test_damaged_metadata_does_not_lose_the_photo(scene):
    content = encode(scene, "JPEG", exif=b"Exif\0\0" + b"MM\0*\xff\xff\xff\xff" + b"\xff" * 40)
    assert difference(decode_photo(content).pixels, scene) < 4


def test_a_reduced_layer_is_mixed_with_white_and_hidden_colours_stay_hidden():
    layer = Image.new("RGBA", (800, 400), (0, 0, 0, 0))
    layer.paste((200, 0, 0, 255), (400, 0, 800, 400))
    pixels = decode_photo(encode(layer, "PNG"), max_side=80).pixels
    assert pixels.shape == (40, 80, 3)
    assert (pixels[:, :38] == 255).all()
    assert (pixels[:, 42:] == (200, 0, 0)).all()
    assert (pixels[:, 38:42, 0] >= 199).all()


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "TIFF"])
def test_the_longer_side_is_limited_and_the_original_size_kept(image_format):
    content = encode(noise((1200, 800)), image_format)
    photo = decode_photo(content, max_side=300)
    assert photo.pixels.shape == (200, 300, 3)
    assert (photo.width, photo.height) == (1200, 800)
    whole = Image.fromarray(decode_photo(content).pixels)
    assert difference(photo.pixels, whole.resize((300, 200), Image.Resampling.BOX)) < 2


def test_a_limit_does_not_enlarge(scene):
    assert decode_photo(encode(scene, "JPEG"), max_side=500).pixels.shape == (64, 96, 3)


def test_a_turned_and_reduced_photo_reports_the_upright_original(scene):
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    photo = decode_photo(encode(scene, "JPEG", exif=exif), max_side=48)
    assert (photo.width, photo.height, photo.pixels.shape) == (64, 96, (48, 32, 3))


def png_chunk(name: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + check


def claimed_png(width: int, height: int) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", zlib.compress(b"\0" * 1000))


@pytest.mark.parametrize("side", [13_400, 60_000])
def test_a_decompression_bomb_is_refused_by_its_header(side):
    assert side * side > MAX_PIXELS
    with pytest.raises(PhotoError, match=r"too large|reduce it"):
        decode_photo(claimed_png(side, side))


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
def test_a_truncated_file_is_damaged(image_format):
    content = encode(noise((200, 200)), image_format)
    with pytest.raises(PhotoError, match=r"the upload is (damaged|not a photo)"):
        decode_photo(content[: len(content) // 2])


def test_a_truncated_heic_is_damaged():
    register_heif_opener()
    content = encode(noise((200, 200)), "HEIF")
    with pytest.raises(PhotoError, match=r"the upload is (damaged|not a photo)"):
        decode_photo(content[: len(content) // 2])


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>'


@pytest.mark.parametrize("content", [SVG, b"%PDF-1.7", b"GIF89a", b"\0" * 99, b"hello"])
def test_what_is_no_photo_is_refused_whatever_its_name(tmp_path, content):
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(PhotoError, match=r"photo\.jpg is (not a photo we read|damaged)"):
        decode_photo(path)


@pytest.mark.parametrize("image_format", ["PPM", "TGA", "ICO", "PCX", "EPS", "PDF", "ICNS"])
def test_a_format_off_the_list_is_refused(scene, image_format):
    with pytest.raises(PhotoError, match="convert it to one of JPEG, PNG"):
        decode_photo(encode(scene, image_format))


def test_an_empty_file_says_so(tmp_path):
    (tmp_path / "empty.png").touch()
    with pytest.raises(PhotoError, match=r"empty\.png is empty; copy the photo again"):
        decode_photo(tmp_path / "empty.png")


def test_a_folder_or_a_missing_file_is_no_photo(tmp_path):
    for path in (tmp_path, tmp_path / "gone.jpg"):
        with pytest.raises(PhotoError, match="is not a file; name a photo"):
            decode_photo(path)


@given(position=st.floats(0, 1), value=st.integers(0, 255), length=st.integers(1, 64))
@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
def test_flipped_bytes_give_pixels_or_a_photo_error(image_format, position, value, length):
    content = bytearray(encode(noise((32, 24)), image_format))
    start = int(position * len(content))
    content[start : start + length] = bytes([value]) * len(content[start : start + length])
    try:
        assert decode_photo(bytes(content)).pixels.ndim == 3
    except PhotoError as error:
        assert "\n" not in str(error)  # noqa: PT017 - both outcomes are right


def test_decoding_leaves_the_warning_filters_alone(scene):
    before = list(warnings.filters)
    decode_photo(encode(scene, "PNG"))
    assert warnings.filters == before


@pytest.mark.parametrize(("size", "bars"), [((100, 50), "rows"), ((50, 100), "columns")])
def test_a_square_is_filled_between_white_bars(size, bars):
    square = fit_square(np.zeros((size[1], size[0], 3), np.uint8), 64)
    square = square if bars == "rows" else square.swapaxes(0, 1)
    assert square.shape == (64, 64, 3)
    assert (square[:16] == 255).all()
    assert (square[16:48] == 0).all()
    assert (square[48:] == 255).all()


def test_a_square_photo_of_the_right_size_is_unchanged(scene):
    pixels = np.asarray(scene.crop((0, 0, 64, 64)))
    np.testing.assert_array_equal(fit_square(pixels, 64), pixels)


def test_a_line_one_pixel_high_still_fits():
    assert fit_square(np.zeros((1, 5000, 3), np.uint8), 64).shape == (64, 64, 3)


def test_fine_stripes_turn_grey_instead_of_aliasing():
    stripes = np.zeros((640, 640, 3), np.uint8)
    stripes[:, ::2] = 255
    assert np.ptp(fit_square(stripes, 64)[8:-8, 8:-8].astype(int)) < 16


@pytest.mark.parametrize("seed", range(8))
def test_near_copies_share_nearly_all_bits_of_their_key(seed):
    image = noise((300, 200), seed)
    key = near_duplicate_key(np.asarray(image))
    reduced = image.resize((120, 80), Image.Resampling.BOX)
    poor = decode_photo(encode(image, "JPEG", quality=20)).pixels
    bright = np.asarray(image) // 2 + 100
    assert bits_apart(key, near_duplicate_key(np.asarray(reduced))) <= 4
    assert bits_apart(key, near_duplicate_key(poor)) <= 6
    assert bits_apart(key, near_duplicate_key(bright.astype(np.uint8))) <= 4
    blurred = image.filter(ImageFilter.GaussianBlur(2))
    assert bits_apart(key, near_duplicate_key(np.asarray(blurred))) <= 4


def test_different_photos_differ_in_many_bits_of_their_key():
    keys = [near_duplicate_key(np.asarray(noise((300, 200), seed))) for seed in range(12)]
    apart = [bits_apart(a, b) for i, a in enumerate(keys) for b in keys[:i]]
    assert min(apart) >= 14


def test_a_flat_photo_has_the_key_zero():
    assert near_duplicate_key(np.full((20, 30, 3), 200, np.uint8)) == 0
