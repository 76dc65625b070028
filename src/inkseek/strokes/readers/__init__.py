"""Sketch files of every format to `Sketch`: the content decides which, never the name.

Text: Quick, Draw! lines, our own JSON, Excalidraw, SVG, InkML. Binary: Quick, Draw! .bin,
sketch-rnn .npz. Drawings: PNG, JPEG, HEIC and other images, whose lines are traced. Files may be
hostile: sizes are capped before anything is parsed, and XML, archives and images are opened in a
child process.
"""

import re
from collections.abc import Callable, Iterator
from io import BufferedIOBase, BytesIO
from pathlib import Path

from inkseek.errors import SketchFormatError
from inkseek.strokes.readers.limits import MAX_BYTES as MAX_BYTES
from inkseek.strokes.readers.limits import MAX_POINTS as MAX_POINTS
from inkseek.strokes.readers.limits import MAX_STROKES as MAX_STROKES
from inkseek.strokes.readers.limits import check_size, open_file, read_content
from inkseek.strokes.sketch import Sketch

HEAD_BYTES = 4096
"""What is looked at to tell a format."""

FORMATS = (
    "SVG, inkseek JSON, Quick, Draw! (.ndjson, .bin), Excalidraw, InkML, .npz, PNG, JPEG, WebP, "
    "GIF, BMP, TIFF, HEIC, AVIF"
)

IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
"""How PNG, JPEG, GIF, BMP and TIFF begin."""

UTF8_MARK = b"\xef\xbb\xbf"


def read_sketch(path: str | Path) -> Sketch:
    """Read a file; of one that holds many sketches, the first.

    Raises:
        SketchFormatError: The file is missing, damaged, or of no format we read.
        LimitError: It is too large, or takes too long.
    """
    file = Path(path)
    return next(read_sketches(file), None) or _fail_empty(str(file))


def parse_sketch(data: bytes, name: str) -> Sketch:
    """Like `read_sketch`, for content that is already here; `name` is what errors call it."""
    check_size(len(data), name)
    return next(_read_many(BytesIO(data), name), None) or _fail_empty(name)


def read_sketches(path: str | Path) -> Iterator[Sketch]:
    """Every sketch of a file, in order: a line of .ndjson is a sketch.

    Lines are read as they are needed, so the file may be of any size.
    """
    file = Path(path)
    with open_file(file) as opened:
        yield from _read_many(opened, str(file))


def _read_many(file: BufferedIOBase, name: str) -> Iterator[Sketch]:
    head = file.read(HEAD_BYTES).removeprefix(UTF8_MARK).lstrip()
    file.seek(0)
    if not head:
        raise SketchFormatError(f"{name} is empty; draw something first")
    if head[:1] == b"{":
        yield from _read_json(file, name)
        return
    if _is_quickdraw_binary(head):
        from inkseek.strokes.readers.quickdraw_binary import read_quickdraw_binary

        yield from read_quickdraw_binary(file, name)
        return
    if head.startswith(b"PK\x03\x04"):
        from inkseek.strokes.readers.sketch_rnn import read_sketch_rnn

        yield from read_sketch_rnn(file, name)
        return
    yield _find_parser(head, name)(read_content(file, name), name)


def _read_json(file: BufferedIOBase, name: str) -> Iterator[Sketch]:
    """A file of lines begins with a line that is a drawing by itself."""
    from inkseek.strokes.readers.json_text import load_json

    first = file.readline(MAX_BYTES + 1)
    file.seek(0)
    if b'"drawing"' in first and first.rstrip().endswith(b"}"):
        from inkseek.strokes.readers.quickdraw import read_quickdraw

        yield from read_quickdraw(file, name)
        return
    document = load_json(read_content(file, name), name)
    if isinstance(document, dict) and document.get("type") == "excalidraw":
        from inkseek.strokes.readers.excalidraw import parse_excalidraw

        yield parse_excalidraw(document, name)
    elif isinstance(document, dict) and "drawing" in document:
        from inkseek.strokes.readers.quickdraw import parse_quickdraw

        yield parse_quickdraw(document, name)
    else:
        from inkseek.strokes.readers.inkseek_json import parse_inkseek

        yield parse_inkseek(document, name)


def _find_parser(head: bytes, name: str) -> Callable[[bytes, str], Sketch]:
    """What parses a file that holds one sketch, imported only now: a search must start fast."""
    if (
        head.startswith(IMAGES)
        or (head.startswith(b"RIFF") and head[8:12] == b"WEBP")
        or head[4:8] == b"ftyp"
    ):
        from inkseek.strokes.readers.drawing import parse_drawing

        return parse_drawing
    if re.search(rb"<(\w+:)?ink[\s>]", head):
        from inkseek.strokes.readers.inkml import parse_inkml

        return parse_inkml
    if head.startswith(b"<"):
        from inkseek.strokes.readers.svg import parse_svg

        return parse_svg
    raise SketchFormatError(f"{name} is of no sketch format we read; save it as one of: {FORMATS}")


def _is_quickdraw_binary(head: bytes) -> bool:
    """No magic number, but a country code, a truth value and a year from 2015 to 2024."""
    return (
        len(head) >= 19
        and re.fullmatch(rb"[A-Z]{2}[\x00\x01]", head[8:11]) is not None
        and 1_420_000_000 < int.from_bytes(head[11:15], "little") < 1_736_000_000
    )


def _fail_empty(name: str) -> Sketch:
    raise SketchFormatError(f"{name} holds no sketch; draw something first")
