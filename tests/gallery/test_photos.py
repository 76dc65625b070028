from dataclasses import fields

import pytest

from inkseek.gallery.photos import PhotoInfo, PhotoRow
from inkseek.gallery.rows import make_schema


def test_a_row_is_the_metadata_with_an_embedding_and_its_model():
    extra = {field.name for field in fields(PhotoRow)} - {field.name for field in fields(PhotoInfo)}
    assert extra == {"embedding", "model_digest"}


def test_every_field_has_a_column():
    columns = set(make_schema("model", 2).names)
    assert columns == {field.name for field in fields(PhotoInfo)} | {"embedding"}


def test_an_embedding_is_never_passed_by_position():
    with pytest.raises(TypeError):
        PhotoRow("id", "/p", 1, 1, None, (), 0, (), 1, 1, (), None, "model")
