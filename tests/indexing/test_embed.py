import threading
import time
from collections.abc import Generator

import numpy as np
import pytest

from inkseek.gallery import PhotoInfo
from inkseek.indexing.embed import embed_rows, read_ahead


def make_info(photo_id: str) -> PhotoInfo:
    return PhotoInfo(photo_id, f"/{photo_id}", 4, 3, None, (), 0, (), 1, 1)


def count_up(end: int, made: list[int]) -> Generator[int, None, None]:
    for i in range(end):
        made.append(i)
        yield i


def test_rows_carry_their_metadata_and_the_model(encoder):
    pixels = [np.full((32, 32, 3), value, np.uint8) for value in (10, 200)]
    rows = embed_rows([make_info("a"), make_info("b")], pixels, encoder)
    assert [row.photo_id for row in rows] == ["a", "b"]
    assert {row.model_digest for row in rows} == {encoder.digest}
    np.testing.assert_array_equal(rows[1].embedding, encoder.embed_photos(pixels)[1])


def test_nothing_needs_no_encoder(encoder, monkeypatch):
    monkeypatch.setattr(type(encoder), "embed_photos", pytest.fail)
    assert embed_rows([], [], encoder) == []


def test_items_come_in_order():
    assert list(read_ahead(count_up(100, []), 3)) == list(range(100))


def test_no_more_is_made_beforehand_than_asked():
    made: list[int] = []
    items = read_ahead(count_up(100, made), 5)
    assert next(items) == 0
    time.sleep(0.2)
    assert len(made) <= 7
    items.close()


def test_an_error_reaches_whoever_uses_the_items():
    def fail() -> Generator[int, None, None]:
        yield 1
        raise KeyError("lost")

    items = read_ahead(fail(), 3)
    assert next(items) == 1
    with pytest.raises(KeyError, match="lost"):
        next(items)


def test_stopping_early_closes_the_source_and_ends_the_thread():
    closed = threading.Event()

    def watch() -> Generator[int, None, None]:
        try:
            yield from range(1000)
        finally:
            closed.set()

    items = read_ahead(watch(), 2)
    next(items)
    items.close()
    assert closed.is_set()
    assert not [each for each in threading.enumerate() if each.name == "read-ahead"]
