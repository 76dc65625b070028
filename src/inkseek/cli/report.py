"""`inkseek report`: every table of the benchmarks on one page."""

from pathlib import Path
from typing import Annotated

import typer

TITLE = "What was measured"
NOTE = (
    "Means with 95 % intervals. Where a paper reports a number for a task of this kind it stands "
    "beside ours; its data are not ours."
)


def report(
    out: Annotated[
        Path, typer.Option(help="Page to write; the same in Markdown goes beside it.")
    ] = Path("report.html"),
    results: Annotated[Path, typer.Option(help="Folder of results, one .json a benchmark.")] = Path(
        "benchmarks/results"
    ),
) -> None:
    """Write all results as one HTML file, and as Markdown, with the papers' numbers beside ours."""
    from inkseek.report.html import to_html
    from inkseek.report.markdown import to_markdown
    from inkseek.report.tables import read_results

    found = read_results(results)
    out.parent.mkdir(parents=True, exist_ok=True)
    pages = {
        out.with_suffix(".html"): to_html(TITLE, NOTE, found),
        out.with_suffix(".md"): to_markdown(TITLE, NOTE, found),
    }
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8")
        typer.echo(path)
