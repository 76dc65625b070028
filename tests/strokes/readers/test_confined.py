import pytest

from inkseek.errors import LimitError, SketchFormatError
from inkseek.strokes.readers.confined import parse_confined
from inkseek.strokes.readers.drawing import decode_gray
from inkseek.strokes.readers.json_text import load_json


def confine(parse, content, seconds=20.0):
    return parse_confined(parse, content, "file", seconds=seconds, memory_bytes=2**30)


def test_the_result_comes_back():
    assert confine(load_json, b"[1]") == [1]


def test_an_error_of_the_parser_names_the_file_once():
    with pytest.raises(SketchFormatError, match=r"^file is not valid JSON"):
        confine(load_json, b"[")
    with pytest.raises(LimitError, match=r"^file has more than"):
        confine(load_json, b"," * 3_000_000)
    with pytest.raises(SketchFormatError, match=r"^file is a damaged image"):
        confine(decode_gray, b"none")


def test_an_exceeded_limit_names_the_file():
    with pytest.raises(LimitError, match=r"^file: load_json took more than 0.01 s"):
        confine(load_json, b"[" + b"1.5," * 1_500_000 + b"1]", seconds=0.01)
