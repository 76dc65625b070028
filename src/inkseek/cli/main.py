"""The `inkseek` command. Each subcommand lives in a file of its name.

Those files import what they need when they run, so that `inkseek --help` answers at once.
"""

import os
import sys
from typing import Annotated

import typer

from inkseek.cli.bench import bench
from inkseek.cli.data import data
from inkseek.cli.demo import demo
from inkseek.cli.doctor import doctor
from inkseek.cli.evaluate import evaluate
from inkseek.cli.explain import explain
from inkseek.cli.export import export
from inkseek.cli.export_site import export_site
from inkseek.cli.generate import generate
from inkseek.cli.index import index
from inkseek.cli.interpolate import interpolate
from inkseek.cli.mcp import mcp
from inkseek.cli.quarantine import quarantine
from inkseek.cli.report import report
from inkseek.cli.search import search
from inkseek.cli.serve import serve
from inkseek.cli.tidy import tidy
from inkseek.cli.train import train
from inkseek.errors import InkseekError

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    index,
    search,
    explain,
    demo,
    serve,
    mcp,
    quarantine,
    doctor,
    bench,
    train,
    evaluate,
    report,
    export,
    export_site,
    tidy,
    generate,
    interpolate,
):
    app.command()(command)
app.add_typer(data, name="data")


def _show_version(wanted: bool) -> bool:
    if wanted:
        from inkseek import __version__

        typer.echo(f"inkseek {__version__}")
        raise typer.Exit
    return wanted


@app.callback()
def root(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Draw it, find it: search your photos with a sketch."""


def main() -> None:
    """Run the command; an expected failure prints one line and exits with 1."""
    # Lance warns on stderr when it creates a gallery, which is what was asked for.
    os.environ.setdefault("LANCE_LOG", "error")
    try:
        app(prog_name="inkseek")
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except InkseekError as error:
        _fail(str(error))


def _fail(message: str) -> None:
    typer.echo(f"inkseek: {' '.join(message.split())}", err=True)
    sys.exit(1)
