"""Every table of the benchmarks' results, from whatever shape a result file has.

A list of objects is a table, an object a row, and a mean with its ends one cell. Where a row names
a task and a metric for which a paper has a number, it stands in a column of its own.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inkseek.errors import InkseekError
from inkseek.report.published import find_published

PUBLISHED = "published"
"""Column of the papers' numbers."""

NOTES = ("question", "command", "machine", "model", "split", "data", "metric", "note", "seed")
"""Keys of a result file that say how it came about, in the order in which they are shown."""

Row = dict[str, str]


@dataclass(frozen=True)
class Table:
    """Rows under columns.

    Attributes:
        title: Where in the file it stood; empty for the only one.
        columns: In the order in which they first appear.
        rows: Text by column; a row may lack some.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Result:
    """One result file.

    Attributes:
        name: Its name without suffix.
        notes: How it came about: command, model, recipe and so on.
        tables: All lists of objects in it.
    """

    name: str
    notes: dict[str, str]
    tables: tuple[Table, ...]


def read_results(folder: Path) -> list[Result]:
    """Every ``.json`` of a folder, by name.

    Raises:
        InkseekError: There is none, or one is not JSON.
    """
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise InkseekError(f"no results in {folder}; the files of benchmarks/ write them")
    return [read_result(path) for path in paths]


def read_result(path: Path) -> Result:
    """One result file.

    Raises:
        InkseekError: It is not a JSON object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InkseekError(f"{path} is not JSON ({error}); run its benchmark again") from error
    if not isinstance(content, dict):
        raise InkseekError(f"{path} is not a JSON object; run its benchmark again")
    notes = {key: _to_text(content[key]) for key in NOTES if _is_plain(content.get(key))}
    recipe = content.get("recipe")
    name = recipe.get("name") if isinstance(recipe, dict) else recipe
    if isinstance(name, str):
        notes["recipe"] = name
    return Result(path.stem, notes, tuple(_find_tables("", content)))


def _find_tables(title: str, content: Mapping[str, Any]) -> Iterator[Table]:
    """Lists of objects, and objects of objects that are alike, wherever they stand."""
    for key, value in content.items():
        name = f"{title} {key}".strip()
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            yield _to_table(name, value)
        elif isinstance(value, dict) and key != "recipe":
            inner = list(value.items())
            if len(inner) > 1 and all(isinstance(v, dict) for _, v in inner) and _alike(value):
                yield _to_table(name, [{"": k, **v} for k, v in inner])
            else:
                yield from _find_tables(name, value)


def _alike(rows: Mapping[str, Mapping[str, Any]]) -> bool:
    keys = [set(row) for row in rows.values()]
    return all(k == keys[0] for k in keys) and not any(
        isinstance(value, list) for row in rows.values() for value in row.values()
    )


def _to_table(title: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    flat = [_to_row(row) for row in rows]
    columns = dict.fromkeys(column for row in flat for column in row)
    if PUBLISHED in columns:
        # Beside all others rather than where the first of them was found.
        del columns[PUBLISHED]
        columns[PUBLISHED] = None
    return Table(title, tuple(columns), tuple(flat))


def _to_row(row: Mapping[str, Any]) -> Row:
    flat = dict(_flatten("", row))
    published = find_published(str(row.get("task", "")), str(row.get("metric", "")))
    if published:
        flat[PUBLISHED] = "; ".join(map(str, published))
    return flat


def _flatten(prefix: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Cells by column; a mean takes its ends along."""
    ends = {"low", "high", "level"} if {"mean", "low", "high"} <= set(value) else set()
    for key, inner in value.items():
        name = f"{prefix} {key}".strip()
        if key in ends:
            continue
        if key == "mean" and ends:
            text = f"{value['mean']:.3f} [{value['low']:.3f}, {value['high']:.3f}]"
            yield prefix or "mean", text
        elif isinstance(inner, dict):
            yield from _flatten(name, inner)
        elif isinstance(inner, list) and any(isinstance(item, dict) for item in inner):
            yield name, f"{len(inner)} rows"
        else:
            yield name, _to_text(inner)


def _is_plain(value: object) -> bool:
    return value is not None and not isinstance(value, dict)


def _to_text(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: ""}[value]
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, list):
        return ", ".join(_to_text(item) for item in value)
    return str(value)
