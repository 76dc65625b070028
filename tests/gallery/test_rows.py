from dataclasses import replace
from datetime import datetime

import numpy as np

from inkseek.gallery.rows import INFO_COLUMNS, from_table, read_infos, to_table


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


def test_metadata_is_read_as_it_was_written_from_tables_and_batches_without_embeddings(make_rows):
    first, second = make_rows(2)
    first = replace(first, taken_at=datetime(2020, 1, 2), tags=("a",), copies=("/b", "/c"))
    table = to_table([first, second], "model", 16).select(INFO_COLUMNS[::-1])
    for source in (table, table.to_batches()[0]):
        infos = read_infos(source)
        assert [vars(info) for info in infos] == [
            {name: getattr(row, name) for name in INFO_COLUMNS} for row in (first, second)
        ]
