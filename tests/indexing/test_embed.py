import numpy as np
import pytest

from inkseek.gallery import PhotoInfo
from inkseek.indexing.embed import embed_rows


def make_info(photo_id: str) -> PhotoInfo:
    return PhotoInfo(photo_id, f"/{photo_id}", 4, 3, None, (), 0, (), 1, 1)


def test_rows_carry_their_metadata_and_the_model(encoder):
    pixels = [np.full((32, 32, 3), value, np.uint8) for value in (10, 200)]
    rows = embed_rows([make_info("a"), make_info("b")], pixels, encoder)
    assert [row.photo_id for row in rows] == ["a", "b"]
    assert {row.model_digest for row in rows} == {encoder.digest}
    np.testing.assert_array_equal(rows[1].embedding, encoder.embed_photos(pixels)[1])


def test_nothing_needs_no_encoder(encoder, monkeypatch):
    monkeypatch.setattr(type(encoder), "embed_photos", pytest.fail)
    assert embed_rows([], [], encoder) == []
