"""All results as one HTML file that needs nothing else: no script, font or picture from afar."""

from collections.abc import Sequence
from html import escape

from inkseek.report.tables import Result, Table

STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 3rem; }
nav a { margin-right: 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; }
dt { opacity: .7; } dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem; text-align: left; vertical-align: top; }
th { border-bottom: 2px solid; } td { border-bottom: 1px solid #8884; white-space: nowrap; }
td:last-child { white-space: normal; }
"""


def to_html(title: str, note: str, results: Sequence[Result]) -> str:
    """The page.

    Args:
        title: Its heading.
        note: A paragraph below it.
        results: In the order in which they are shown.
    """
    links = " ".join(f'<a href="#{escape(r.name)}">{escape(r.name)}</a>' for r in results)
    body = "\n".join(_section(result) for result in results)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n<p>{escape(note)}</p>\n<nav>{links}</nav>\n{body}\n"
        "</body>\n</html>\n"
    )


def _section(result: Result) -> str:
    notes = "".join(
        f"<dt>{escape(key)}</dt><dd>{escape(text)}</dd>" for key, text in result.notes.items()
    )
    tables = "\n".join(_table(table) for table in result.tables)
    name = escape(result.name)
    return f'<section>\n<h2 id="{name}">{name}</h2>\n<dl>{notes}</dl>\n{tables}\n</section>'


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{escape(row.get(c, ''))}</td>" for c in table.columns) + "</tr>"
        for row in table.rows
    )
    return (
        f'<h3>{escape(table.title)}</h3>\n<div class="wide"><table>\n<thead><tr>{head}</tr></thead>'
        f"\n<tbody>\n{rows}\n</tbody>\n</table></div>"
    )
