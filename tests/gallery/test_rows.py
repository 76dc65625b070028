from dataclasses import replace
from datetime import datetime

import numpy as np

from inkseek.gallery.rows import INFO_COLUMNS, from_record, from_table, to_table


def test_rows_survive_the_way_to_columns_and_back(make_rows):
    row = replace(
        make_rows(1)[0],
        taken_at=datetime(1999, 12, 31, 23, 59, 58, 123456),
        tags=("it's", "ü"),
        copies=("/a", "/b"),
        copies_modified_ns=(2**62, 1),
        near_key=2**64 - 1,
        file_size=2**40,
    )
    (back,) = from_table(to_table([row], "model", 16), "model")
    np.testing.assert_array_equal(back.embedding, row.embedding)
    assert replace(back, embedding=row.embedding) == row


def test_metadata_does_not_need_the_embedding(make_rows):
    (row,) = make_rows(1)
    (record,) = to_table([row], "model", 16).select(INFO_COLUMNS).to_pylist()
    info = from_record(record)
    assert (info.photo_id, info.path, info.near_key) == (row.photo_id, row.path, row.near_key)
