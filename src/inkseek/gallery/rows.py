"""Photos as columns of an Arrow table, and back."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pyarrow as pa

from inkseek.gallery.photos import PhotoInfo, PhotoRow

INFO_COLUMNS = [field.name for field in fields(PhotoInfo)]


def make_schema(model_digest: str, dim: int) -> pa.Schema:
    """Columns of a gallery; its metadata binds it to a model."""
    columns = [
        pa.field("photo_id", pa.string(), nullable=False),
        pa.field("path", pa.string(), nullable=False),
        pa.field("width", pa.int32()),
        pa.field("height", pa.int32()),
        pa.field("taken_at", pa.timestamp("us")),
        pa.field("tags", pa.list_(pa.string())),
        pa.field("near_key", pa.uint64()),
        pa.field("copies", pa.list_(pa.string())),
        pa.field("file_size", pa.int64()),
        pa.field("modified_ns", pa.int64()),
        pa.field("copies_modified_ns", pa.list_(pa.int64())),
        pa.field("embedding", pa.list_(pa.float32(), dim)),
    ]
    binding = {"inkseek:model_digest": model_digest, "inkseek:dim": str(dim)}
    return pa.schema(columns, metadata=binding)


def to_table(rows: Sequence[PhotoRow], model_digest: str, dim: int) -> pa.Table:
    """Rows as the columns of a gallery."""
    schema = make_schema(model_digest, dim)
    columns = [
        pa.array([getattr(row, name) for row in rows], schema.field(name).type)
        for name in INFO_COLUMNS
    ]
    flat = np.concatenate([row.embedding for row in rows]).astype(np.float32)
    columns.append(pa.FixedSizeListArray.from_arrays(pa.array(flat), dim))
    return pa.Table.from_arrays(columns, schema=schema)


def from_table(table: pa.Table, model_digest: str) -> Iterator[PhotoRow]:
    """Rows of a table that has every column."""
    for record in table.to_pylist():
        embedding = np.array(record.pop("embedding"), dtype=np.float32)
        yield PhotoRow(**_as_tuples(record), embedding=embedding, model_digest=model_digest)


def read_infos(table: pa.Table | pa.RecordBatch) -> list[PhotoInfo]:
    """What a gallery knows of photos, from a table that may lack their embeddings."""
    # A column at a time: a query waits for dozens of these, and a record of names and values
    # each costs three times as much.
    columns = [_to_values(table.column(name)) for name in INFO_COLUMNS]
    return [PhotoInfo(*values) for values in zip(*columns, strict=True)]


def _to_values(column: pa.ChunkedArray | pa.Array) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if pa.types.is_list(column.type):
        return [None if value is None else tuple(value) for value in values]
    return values


def _as_tuples(record: dict[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in record.items()
    }
