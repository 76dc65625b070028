import struct
import time
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin
from pillow_heif import register_heif_opener

from inkseek.raster.keywords import MAX_KEYWORDS, MAX_LETTERS, read_keywords
from inkseek.raster.photo import decode_photo

XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">
<rdf:Description rdf:about=""><dc:title>not a word</dc:title>
<dc:subject><rdf:Bag>{items}</rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def write_xmp(*words):
    items = "".join(f"<rdf:li>{word}</rdf:li>" for word in words)
    return XMP.format(items=items).encode()


def write_iptc(*words, utf8=False):
    """An APP13 segment of a JPEG: Photoshop's resource 0x0404 holds the IPTC records."""
    records = b"\x1c\x01\x5a\x00\x03\x1b%G" if utf8 else b""
    for word in words:
        records += struct.pack(">BBBH", 0x1C, 2, 25, len(word)) + word
    resource = b"8BIM" + struct.pack(">HBxI", 0x0404, 0, len(records)) + records
    content = b"Photoshop 3.0\0" + resource + b"\0" * (len(records) % 2)
    return b"\xff\xed" + struct.pack(">H", len(content) + 2) + content


def save(image_format="JPEG", **options):
    file = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, image_format, **options)
    return file.getvalue()


def read(content):
    return decode_photo(content, max_side=4).keywords


def save_png(xmp):
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp.decode(), zip=True)
    return save("PNG", pnginfo=info)


def save_tiff(xmp):
    return save("TIFF", tiffinfo={700: xmp})


def save_heif(xmp):
    register_heif_opener()
    return save("HEIF", xmp=xmp)


@pytest.mark.parametrize(
    "save_as",
    [
        lambda xmp: save("JPEG", xmp=xmp),
        lambda xmp: save("WEBP", xmp=xmp),
        lambda xmp: save("AVIF", xmp=xmp),
        save_png,
        save_tiff,
        save_heif,
    ],
    ids=["jpeg", "webp", "avif", "png", "tiff", "heif"],
)
def test_every_format_has_them_in_xmp(save_as):
    assert read(save_as(write_xmp("beach", "Großmutter", "red &amp; blue"))) == (
        "beach",
        "Großmutter",
        "red & blue",
    )


def test_a_photo_without_any_has_none():
    assert read(save()) == ()
    assert read(save(xmp=b"")) == ()
    assert read(save(xmp=write_xmp())) == ()


@pytest.mark.parametrize(
    ("words", "utf8", "expected"),
    [
        ([b"beach"], False, ("beach",)),
        (["Küche".encode(), b"dog"], True, ("Küche", "dog")),
        (["Küche".encode()], False, ("Küche",)),
        (["Küche".encode("latin-1")], False, ("Küche",)),
        ([b"\xff\xfe"], True, ("\ufffd\ufffd",)),
    ],
)
def test_older_programs_write_iptc(words, utf8, expected):
    assert read(save(extra=write_iptc(*words, utf8=utf8))) == expected


def test_each_word_counts_once_and_is_tidied():
    long = "x" * (MAX_LETTERS + 1)
    xmp = write_xmp("  two\n words ", "beach", "", "beach", long, "e\u0301", "a\u200bb")
    content = save(xmp=xmp, extra=write_iptc(b"beach", b"dog\x00"))
    assert read(content) == ("two words", "beach", "é", "ab", "dog")


def test_words_of_the_pictures_it_was_made_from_are_not_its_own():
    theirs = write_xmp("other").decode()
    begin, end = theirs.index("<rdf:Description"), theirs.index("</rdf:RDF>")
    source = f"<dc:source>{theirs[begin:end]}</dc:source>"
    xmp = write_xmp("own").decode().replace("<dc:title>not a word</dc:title>", source)
    assert "other" in xmp
    assert read(save(xmp=xmp.encode())) == ("own",)


def test_only_so_many_are_kept():
    words = [f"w{i}" for i in range(3 * MAX_KEYWORDS)]
    assert read(save(xmp=write_xmp(*words))) == tuple(words[:MAX_KEYWORDS])


BOMB = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10 if i else "ha" * 500}">' for i in range(9))


@pytest.mark.parametrize(
    "xmp",
    [
        b"<",
        b"\0\0",
        b"\xff\xfe<\0",
        write_xmp("word")[:-60],
        f"<!DOCTYPE x [{BOMB}]>".encode() + write_xmp("&a8;").split(b"?>", 1)[1],
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        + write_xmp("&f;").split(b"?>", 1)[1],
        f"<!DOCTYPE x [{BOMB}]>".encode("utf-16") + write_xmp("&a8;").decode().encode("utf-16"),
        b"<a>" * 5000,
        write_xmp("\x01"),
    ],
    ids=["open", "zeros", "half", "cut", "bomb", "file", "utf-16 bomb", "deep", "control"],
)
def test_hostile_metadata_counts_as_none_and_the_photo_is_kept(xmp):
    start = time.monotonic()
    photo = decode_photo(save(xmp=xmp))
    assert (photo.width, photo.keywords) == (8, ())
    assert time.monotonic() - start < 5


def test_metadata_that_is_too_large_is_not_read():
    image = Image.new("RGB", (1, 1))
    image.info["xmp"] = write_xmp("word") + b" " * 2**20
    assert read_keywords(image) == ()
    image.info["xmp"] = write_xmp("word")
    assert read_keywords(image) == ("word",)
    image.info["xmp"] = "a text"
    assert read_keywords(image) == ()


WORDS = ("beach", "dog")


def test_of_damaged_iptc_what_can_be_read_counts():
    with Image.open(BytesIO(save(extra=write_iptc(b"beach", b"dog")))) as image:
        content = image.info["photoshop"][0x0404]
        assert read_keywords(image) == WORDS
        for cut in range(len(content)):
            image.info["photoshop"] = {0x0404: content[:cut]}
            words = read_keywords(image)
            assert all(whole.startswith(word) for whole, word in zip(WORDS, words, strict=False))
            image.info["photoshop"] = {0x0404: content[:cut] + b"\xff" * 9}
            assert len(read_keywords(image)) <= 2
