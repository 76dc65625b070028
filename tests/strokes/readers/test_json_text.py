import pytest

from inkseek.errors import LimitError, SketchFormatError
from inkseek.strokes.readers.json_text import MAX_VALUES, load_json


def test_a_document_becomes_values():
    assert load_json(b'{"a": [1, 2.5, null]}', "file") == {"a": [1, 2.5, None]}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"1" * 5000, b"[1,]"])
def test_what_is_not_json_is_named(content):
    with pytest.raises(SketchFormatError, match="file is not valid JSON"):
        load_json(content, "file")


def test_deep_nesting_is_refused():
    with pytest.raises(SketchFormatError, match="nested too deeply"):
        load_json(b"[" * 100_000 + b"]" * 100_000, "file")


def test_too_many_values_are_refused_before_they_are_parsed():
    with pytest.raises(LimitError, match="values; simplify"):
        load_json(b"[" + b"0," * (MAX_VALUES + 1) + b"0]", "file")
    with pytest.raises(LimitError, match="values; simplify"):
        load_json(b"[" + (b"[" * 400 + b"]" * 400 + b",") * (MAX_VALUES // 400) + b"0]", "file")
