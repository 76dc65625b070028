"""Words that someone has put on a photo, from its metadata: XMP (`dc:subject`) and IPTC keywords.

Metadata is as hostile as pixels: its size is bounded, entities are refused, and what is damaged
counts as absent rather than cost a photo.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from struct import error as StructError

from PIL import Image, IptcImagePlugin, JpegImagePlugin

from inkseek.errors import SketchFormatError

MAX_KEYWORDS = 100
"""Of one photo; the first ones count."""

MAX_LETTERS = 100
"""Of one keyword; what is longer is a text rather than a word."""

MAX_XMP_BYTES = 2**20

SUBJECT = "{http://purl.org/dc/elements/1.1/}subject"
GRAPH = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"
ITEM = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"

IPTC_ENCODING = (1, 90)
IPTC_KEYWORD = (2, 25)
IPTC_UTF8 = b"\x1b%G"


def read_keywords(image: Image.Image) -> tuple[str, ...]:
    """Keywords in their order, XMP first, each once: trimmed, composed (NFC), without controls."""
    found: dict[str, None] = {}
    for text in (*_read_xmp(image), *_read_iptc(image)):
        word = _clean(text)
        if 0 < len(word) <= MAX_LETTERS:
            found[word] = None
        if len(found) == MAX_KEYWORDS:
            break
    return tuple(found)


def _clean(text: str) -> str:
    composed = unicodedata.normalize("NFC", " ".join(text[: 4 * MAX_LETTERS].split()))
    return "".join(letter for letter in composed if letter.isprintable())


def _read_xmp(image: Image.Image) -> Iterable[str]:
    content = image.info.get("xmp")
    if not isinstance(content, bytes) or not 0 < len(content) <= MAX_XMP_BYTES:
        return []
    from inkseek.strokes.readers.xml import parse_xml

    try:
        root = parse_xml(content.rstrip(b"\0 \n"), "the metadata")
    except SketchFormatError:
        return []
    # Subjects further inside are those of other pictures, which this one was made from.
    descriptions = (each for graph in root.iter(GRAPH) for each in graph)
    subjects = (each for description in descriptions for each in description.findall(SUBJECT))
    return [item.text for subject in subjects for item in subject.iter(ITEM) if item.text]


def _read_iptc(image: Image.Image) -> Iterator[str]:
    # Of JPEG only, whose segments are small; a TIFF may hold gigabytes of it, and has XMP as well.
    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        return
    try:
        fields = IptcImagePlugin.getiptcinfo(image) or {}
    except (OSError, SyntaxError, ValueError, LookupError, TypeError, AttributeError, StructError):
        return
    is_utf8 = fields.get(IPTC_ENCODING) == IPTC_UTF8
    words = fields.get(IPTC_KEYWORD, [])
    for word in [words] if isinstance(words, bytes) else words:
        yield word.decode("utf-8", "replace") if is_utf8 else _guess(word)


def _guess(word: bytes) -> str:
    """Many programs write UTF-8 without saying so; Latin-1 is what others mean."""
    try:
        return word.decode("utf-8")
    except UnicodeDecodeError:
        return word.decode("latin-1")
