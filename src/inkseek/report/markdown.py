"""All results as one Markdown page."""

from collections.abc import Sequence

from inkseek.report.tables import Result, Table


def to_markdown(title: str, note: str, results: Sequence[Result]) -> str:
    """The page.

    Args:
        title: Its heading.
        note: A paragraph below it.
        results: In the order in which they are shown.
    """
    return "\n\n".join([f"# {title}", note, *(_section(result) for result in results)]) + "\n"


def _section(result: Result) -> str:
    notes = [f"- {key}: {_escape(text)}" for key, text in result.notes.items()]
    parts = [f"## {_escape(result.name)}", "\n".join(notes), *map(_table, result.tables)]
    return "\n\n".join(part for part in parts if part)


def _table(table: Table) -> str:
    lines = [_line(table.columns), "|" + "---|" * len(table.columns)]
    lines += [_line([row.get(column, "") for column in table.columns]) for row in table.rows]
    return f"### {_escape(table.title)}\n\n" + "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_escape(cell) for cell in cells) + " |"


def _escape(text: str) -> str:
    """Text that stays in its cell and is not markup."""
    flat = " ".join(text.split())
    for mark in ("\\", "|", "<", "[", "*", "_", "`"):
        flat = flat.replace(mark, f"\\{mark}")
    return flat
