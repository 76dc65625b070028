"""Sketch files made to hang, crash, spy or run code: each costs one line and a few seconds."""

import contextlib
import io
import json
import os
import pickle
import resource
import struct
import time
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from inkseek.errors import InkseekError, LimitError, SketchFormatError
from inkseek.strokes.readers import parse_sketch, read_sketch
from inkseek.strokes.readers.inkseek_json import to_json, to_svg
from inkseek.strokes.sketch import Sketch

MAX_SECONDS = 5.0


@pytest.fixture(autouse=True, scope="module")
def _warm_child():
    """Starting a process and importing libraries is no part of what a file costs."""
    parse_sketch(b'<svg><path d="M0 0h9"/></svg>', "warm.svg")


def cpu_seconds() -> float:
    """Of this process and its children, dead or alive: a busy machine must not fail a test."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = time.process_time() + ended.ru_utime + ended.ru_stime
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == os.getpid():
                seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


def refuse(content: bytes, error: type[InkseekError] = InkseekError) -> str:
    """The message of a refusal, which came in time and is one line that names the file."""
    start = cpu_seconds()
    with pytest.raises(error) as refusal:
        parse_sketch(content, "evil")
    assert cpu_seconds() - start < MAX_SECONDS
    message = str(refusal.value)
    assert "evil" in message
    assert len(message.splitlines()) == 1
    assert len(message) < 500
    return message


def svg(body: str, head: str = "") -> bytes:
    return f'{head}<svg viewBox="0 0 9 9">{body}</svg>'.encode()


def ours(strokes: object) -> bytes:
    return json.dumps(
        {"format": "inkseek-sketch", "version": 1, "canvas_size": 9, "strokes": strokes}
    ).encode()


def npz(array_file: bytes, kind: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        archive.writestr("train.npy", array_file)
    return file.getvalue()


def npy_header(shape: tuple[int, ...] = (1,)) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {"descr": "|O", "fortran_order": False, "shape": shape}
    )
    return file.getvalue()


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    size = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def test_an_entity_bomb_does_not_expand():
    entities = '<!ENTITY a0 "lol">' + "".join(
        f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12)
    )
    bomb = svg('<path d="M0 0h&a11;"/>', f"<!DOCTYPE svg [{entities}]>")
    assert "defines entities" in refuse(bomb)
    refuse(bomb.decode().encode("utf-16"))
    refuse(b'<?xml version="1.0" encoding="utf-7"?>' + bomb.decode().encode("utf-7"))


def test_an_external_entity_reads_no_file(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("M0 0h9")
    for head in (
        f'<!DOCTYPE svg [<!ENTITY x SYSTEM "{secret.as_uri()}">]>',
        f'<!DOCTYPE svg [<!ENTITY % x SYSTEM "{secret.as_uri()}">%x;]>',
    ):
        assert "defines entities" in refuse(svg('<path d="&x;"/>', head))


def test_an_external_document_type_is_not_fetched(tmp_path):
    dtd = tmp_path / "evil.dtd"
    dtd.write_text('<!ENTITY x "M0 0h9">')
    refuse(svg("<path>&x;</path>", f'<!DOCTYPE svg SYSTEM "{dtd.as_uri()}">'))


@pytest.mark.parametrize(
    "content",
    [b"[" * 100_000, b'{"a":' * 100_000, ours([])[:-2] + b"[" * 100_000 + b"]" * 100_000 + b"]}"],
)
def test_deep_json_is_refused(content):
    refuse(content, SketchFormatError)


@pytest.mark.parametrize("tag", ["g", "svg", "defs"])
def test_deep_xml_is_refused(tag):
    refuse(svg(f"<{tag}>" * 10_000 + "<path d='M0 0h9'/>" + f"</{tag}>" * 10_000))
    refuse(svg(f"<{tag}>" * 200 + "<path d='M0 0h9'/>" + f"</{tag}>" * 200))


def test_deep_ink_is_refused():
    refuse(b"<ink>" + b"<traceGroup>" * 10_000)


def test_a_chain_of_uses_does_not_explode():
    chain = '<g id="a0"><path d="M0 0h9"/></g>' + "".join(
        f'<g id="a{i}">' + f'<use href="#a{i - 1}"/>' * 10 + "</g>" for i in range(1, 30)
    )
    refuse(svg(chain), LimitError)


def test_a_use_of_itself_ends():
    refuse(svg('<use id="a" href="#a"/>'), LimitError)
    refuse(svg('<g id="a"><use href="#a"/><use href="#a"/></g>'), LimitError)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1e39", "9" * 4000])
def test_a_number_that_is_none_is_refused(number):
    refuse(ours([[[1, 77]]]).replace(b"77", number.encode()))
    refuse(b'{"drawing": [[[1, 2], [3, %s]]]}' % number.encode())
    refuse(b'{"drawing": [[[1, 2], [3, 4], [5, %s]]]}' % number.encode())
    refuse(b"<ink><trace>1 %s</trace></ink>" % number.encode())
    refuse(b'{"type": "excalidraw", "elements": [{"type": "line", "points": [[1, %s]]}]}'
           % number.encode())  # fmt: skip


@pytest.mark.parametrize("number", ["1e999", "1e39", "9" * 400])
def test_a_coordinate_beyond_reason_is_refused_in_svg(number):
    refuse(svg(f'<path d="M0 0L1 {number}"/>'))
    refuse(svg(f'<path d="M0 0C1 {number} 1 1 2 2"/>'))
    refuse(svg(f'<g transform="scale({number})"><path d="M0 0L1 1"/></g>'))


@pytest.mark.slow
def test_ten_million_points_are_refused():
    refuse(b'{"drawing": [[[' + b"1," * 10_000_000 + b"1], [1]]]}", LimitError)
    refuse(ours([])[:-2] + b"[" + b"[1,2]," * 4_000_000 + b"[1,2]]]}", LimitError)
    refuse(svg('<path d="M0 0' + "h1" * 4_000_000 + '"/>'))
    refuse(b"<ink><trace>" + b"1 2," * 2_000_000 + b"1 2</trace></ink>")
    points = (np.zeros(60_000, np.uint8).tobytes() * 2) * 200
    strokes = b"".join(
        struct.pack("<H", 60_000) + points[i * 120_000 : (i + 1) * 120_000] for i in range(200)
    )
    refuse(struct.pack("<Q2sbIH", 1, b"DE", 1, 1_490_000_000, 200) + strokes, LimitError)


def test_a_long_line_that_is_not_json_is_refused():
    refuse(b'{"drawing"' + b" " * 40_000_000, LimitError)


def test_one_long_text_among_numbers_takes_no_memory():
    text = json.dumps("a" * 10_000).encode()
    refuse(b'{"drawing": [[[' + text + b",1" * 190_000 + b"], [1" + b",1" * 190_000 + b"]]]}")
    refuse(ours([])[:-2] + b"[[" + text + b",1]" + b",[1,1]" * 190_000 + b"]]}")


def test_brackets_without_commas_are_counted():
    refuse(b'{"drawing": [' + (b"[" * 400 + b"]" * 400 + b",") * 38_000 + b"0]}", LimitError)
    refuse(b'{"drawing": [' + (b'{"":' * 400 + b"0" + b"}" * 400 + b",") * 15_000 + b"0]}")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=8,
)
KEYS = ("type", "points", "x", "y", "width", "height", "angle", "isDeleted")


@pytest.mark.slow
@settings(max_examples=200)
@given(VALUES, st.dictionaries(st.sampled_from(KEYS), VALUES), st.sampled_from(["line", "ellipse"]))
def test_wrong_values_in_the_right_places_are_refused_or_a_sketch(value, element, kind):
    ours = {"format": "inkseek-sketch", "version": 1, "canvas_size": 9, "strokes": [[[1, 2]]]}
    documents = [
        {"drawing": value},
        {"drawing": [value]},
        {"drawing": [[value, [1]]]},
        {"type": "excalidraw", "elements": value},
        {"type": "excalidraw", "elements": [{"type": kind, **element}]},
        *({**ours, key: value} for key in ours),
        {**ours, "strokes": [value]},
        {**ours, "strokes": [[value, [1, 2]]]},
        {**ours, "strokes": [[[value, 2]]]},
    ]
    for document in documents:
        with contextlib.suppress(InkseekError):
            parse_sketch(json.dumps(document).encode(), "wrong")


def test_a_style_sheet_of_nonsense_is_quick():
    refuse(svg("<style>" + "a" * 5_000_000 + "</style>"))
    refuse(svg("<style>" + "/*" * 2_000_000 + "</style>"))


@pytest.fixture(scope="module")
def documents() -> dict[str, bytes]:
    house = np.array([[10, 90], [10, 40], [50, 10], [90, 40], [90, 90]], np.float32)
    sketch = Sketch((house, house[:2] + 5), 100.0)
    rows = np.array([[5, 5, 0], [10, 0, 0], [0, 20, 1]], np.int16)
    parts = np.empty(1, object)
    parts[0] = rows
    archive = io.BytesIO()
    np.savez(archive, train=parts)
    binary = struct.pack("<Q2sbIHH", 1, b"DE", 1, 1_490_000_000, 1, 3) + bytes(6)
    pixels = np.full((64, 64), 255, np.uint8)
    pixels[30:33, 5:60] = 0
    images = {}
    for kind in ("PNG", "JPEG", "WEBP"):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, kind)
        images[kind] = file.getvalue()
    line = {"type": "line", "x": 0, "y": 0, "points": [[0, 0], [1, 1]]}
    return {
        "json": to_json(sketch).encode(),
        "svg": to_svg(sketch).encode(),
        "ndjson": json.dumps({"drawing": [[[1, 2], [3, 4]]]}).encode(),
        "excalidraw": json.dumps({"type": "excalidraw", "elements": [line]}).encode(),
        "inkml": b"<ink><trace>1 2, 3 4</trace></ink>",
        "npz": archive.getvalue(),
        "bin": binary,
        **images,
    }


FORMATS = (
    "json", "svg", "ndjson", "excalidraw", "inkml", "npz", "bin", "PNG", "JPEG", "WEBP",
)  # fmt: skip


@pytest.mark.parametrize("kind", FORMATS)
def test_a_truncated_file_is_refused_or_still_a_sketch(documents, kind):
    content = documents[kind]
    assert parse_sketch(content, "whole").num_points >= 2
    for end in sorted({1, 2, 10, len(content) // 4, len(content) // 2, len(content) * 3 // 4}):
        refuse(content[:end])


@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_bytes_are_refused_or_still_a_sketch(documents, kind):
    generator = np.random.default_rng(0)
    for _ in range(20):
        content = bytearray(documents[kind])
        for place in generator.integers(0, len(content), 3):
            content[place] = generator.integers(0, 256)
        try_to_parse(bytes(content))


def try_to_parse(content: bytes) -> None:
    start = cpu_seconds()
    try:
        parse_sketch(content, "noise")
    except InkseekError as error:
        message = str(error)
        if len(message.splitlines()) != 1 or "noise" not in message:
            raise
    assert cpu_seconds() - start < MAX_SECONDS


MAGIC = (
    b"",
    b"{",
    b'{"drawing":',
    b"<svg>",
    b"<ink>",
    b"PK\x03\x04",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0",
    b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    bytes(8) + b"DE\x01\x00\x00\x00\x59",
)


@pytest.mark.slow
@settings(max_examples=100)
@given(st.sampled_from(MAGIC), st.binary(max_size=300))
def test_random_bytes_are_refused_or_a_sketch(magic, noise):
    try_to_parse(magic + noise)


@pytest.mark.slow
def test_an_archive_that_unpacks_to_gigabytes_is_refused():
    content = npz(npy_header() + bytes(600 * 2**20), zipfile.ZIP_DEFLATED)
    assert len(content) < 2**20
    assert "unpacks to more than" in refuse(content, LimitError)


class Payload:
    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_pickle_runs_nothing(tmp_path, protocol):
    mark = tmp_path / "ran"
    for call in (
        (os.mkdir, str(mark)),
        (eval, f"__import__('os').mkdir({str(mark)!r})"),
        (np.save, str(mark), np.zeros(1)),
        (exec, "raise SystemExit"),
    ):
        content = npz(npy_header() + pickle.dumps(Payload(*call), protocol))
        assert "has no place in a sketch" in refuse(content, SketchFormatError)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "pickled",
    [
        pickle.dumps(Payload(np.dtype, "V2000000000")),
        pickle.dumps(Payload(np.ndarray, (2**40,))),
        pickle.dumps(Payload(np.ndarray, (3,), "O")),
        b"\x80\x04" + b"]" * 1_000_000 + b"a" * 999_999 + b".",
        b"\x80\x04\x95" + b"\xff" * 8,
        b"\x80\x04\x8e" + b"\xff" * 7 + b"\x7f",
        pickle.dumps([1]),
    ],
)
def test_a_pickle_that_builds_something_else_is_refused(pickled):
    refuse(npz(npy_header() + pickled))


class ForgedKind:
    """A dtype of objects whose flags say that its values are plain bytes: addresses, that is."""

    def __reduce__(self):
        return np.dtype, ("O8", False, True), (3, "|", None, None, None, -1, -1, 0)


class ForgedArray:
    def __init__(self, kind, data):
        self.state = 1, (1,), kind, False, data

    def __reduce__(self):
        return np.empty(0).__reduce__()[0], (np.ndarray, (0,), b"b"), self.state


@pytest.mark.parametrize("kind", [ForgedKind(), np.dtype("i2"), np.dtype("i8"), "O8"])
@pytest.mark.parametrize("data", [b"A" * 8, "A" * 8, [1], None])
def test_no_forged_array_crashes_the_child(kind, data):
    pickled = pickle.dumps(ForgedArray(kind, data), 2)
    assert "crashed" not in refuse(npz(npy_header() + pickled), SketchFormatError)


def test_an_array_over_forged_addresses_is_never_made():
    pickled = pickle.dumps(Payload(np.ndarray, (1,), "O", b"A" * 8))
    assert "crashed" not in refuse(npz(npy_header() + pickled), SketchFormatError)


def test_a_huge_array_header_is_refused():
    refuse(npz(b"\x93NUMPY\x02\x00" + struct.pack("<I", 50_000_000) + b"(" * 50_000_000))


def test_a_huge_image_header_is_refused_before_it_is_decoded():
    assert "pixels but 50,000,000 are allowed" in refuse(png_header(100_000, 100_000))
    refuse(png_header(2**31 - 1, 2**31 - 1))
    refuse(png_header(7000, 7000))


def test_a_file_that_never_ends_is_not_opened(tmp_path):
    pipe = tmp_path / "pipe.svg"
    os.mkfifo(pipe)
    for path in (pipe, "/dev/zero", tmp_path):
        with pytest.raises(SketchFormatError, match="is not a file"):
            read_sketch(path)
