"""Write docs/cli.md from the commands themselves; a test says when the page is out of date.

python tools/write_cli_docs.py
"""

import enum
import inspect
import typing
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import NoneType
from typing import Any

import typer
from typer.models import ArgumentInfo, OptionInfo

from inkseek.cli.main import app

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"

HEAD = """# The command line

Written by `make docs` from the commands themselves.

Every command ends with exit code 0 when it did its work, 1 when it could not (one line on stderr
says what, where and what to do), 2 when it was called wrongly, and 130 when it was interrupted.
Results go to stdout, progress to stderr. `inkseek COMMAND --help` prints the same as this page.
"""


KINDS: dict[object, str] = {
    Path: "PATH",
    str: "TEXT",
    int: "INTEGER",
    float: "NUMBER",
    datetime: "TIME",
}


def write_page() -> str:
    """The page as it should be."""
    return "\n".join([HEAD, *(_describe(*named) for named in list_commands(app).items())])


def list_commands(group: typer.Typer, before: str = "inkseek") -> dict[str, Callable[..., Any]]:
    """Every command by what one types, those of groups within the group included."""
    found = {
        f"{before} {_hyphened(info.callback)}": info.callback
        for info in group.registered_commands
        if info.callback
    }
    for inner in group.registered_groups:
        if inner.typer_instance:
            found |= list_commands(inner.typer_instance, f"{before} {inner.name}")
    return found


def list_options(command: Callable[..., Any]) -> set[str]:
    """Every spelling of every option of a command."""
    types = typing.get_type_hints(command, include_extras=True)
    options = [(name, typing.get_args(types[name])[1]) for name in types if name != "return"]
    return {
        spelling
        for name, info in options
        if isinstance(info, OptionInfo)
        for spelling in _spellings(name, info)
    }


def _hyphened(command: Callable[..., Any]) -> str:
    return command.__name__.replace("_", "-")


def _describe(name: str, command: Callable[..., Any]) -> str:
    types = typing.get_type_hints(command, include_extras=True)
    usage, rows = name, []
    for parameter in inspect.signature(command).parameters.values():
        kind, info = typing.get_args(types[parameter.name])[:2]
        required = parameter.default is inspect.Parameter.empty
        if isinstance(info, ArgumentInfo):
            spelling = parameter.name.upper() + ("..." if _is_list(kind) else "")
            usage += f" {spelling}" if required else f" [{spelling}]"
        elif isinstance(info, OptionInfo):
            spelling = _spell_option(parameter.name, kind, info)
            usage += f" {spelling}" if required else ""
        else:
            raise TypeError(f"{name}: {parameter.name} is neither an option nor an argument")
        default = "required" if required else _show_default(parameter.default)
        rows.append(f"| `{spelling}` | {default} | {info.help or ''} |")
    lines = [f"## {name}", "", inspect.cleandoc(command.__doc__ or ""), ""]
    lines += ["```", f"{usage} [OPTIONS]", "```", ""]
    return "\n".join([*lines, "| option | default | meaning |", "|---|---|---|", *rows, ""])


def _spellings(name: str, info: OptionInfo) -> list[str]:
    # In Annotated form typer keeps the first spelling where the default would stand.
    words = [info.default, *(info.param_decls or ())]
    spellings = [word for word in words if isinstance(word, str) and word.startswith("-")]
    return spellings or [f"--{name.replace('_', '-')}"]


def _spell_option(name: str, kind: object, info: OptionInfo) -> str:
    spelling = ", ".join(_spellings(name, info))
    item = _drop_none(kind)
    item = typing.get_args(item)[0] if _is_list(item) else item
    if item is bool:
        return spelling
    if inspect.isclass(item) and issubclass(item, enum.Enum):
        return f"{spelling} {'/'.join(str(member.value) for member in item)}"
    return f"{spelling} {KINDS.get(item, 'TEXT')}"


def _is_list(kind: object) -> bool:
    return typing.get_origin(_drop_none(kind)) is list


def _drop_none(kind: object) -> object:
    parts = typing.get_args(kind)
    return next(part for part in parts if part is not NoneType) if NoneType in parts else kind


def _show_default(default: object) -> str:
    return "" if default in (None, False, "", ()) else f"`{default}`"


if __name__ == "__main__":
    PAGE.write_text(write_page(), encoding="utf-8")
