"""`inkseek doctor`: is everything here that a search needs, and does it run?"""

import importlib
import json
import platform
import re
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from importlib import metadata
from typing import Annotated, Literal

import typer

from inkseek.errors import InkseekError

Status = Literal["ok", "absent", "broken"]

# Packages whose import name differs from the name they are installed by.
MODULES = {
    "pillow": "PIL",
    "pylance": "lance",
    "pyyaml": "yaml",
}

EXTRA_MODULES = {"train": ("torch", "torchvision", "timm", "lightning", "onnx", "safetensors")}


@dataclass(frozen=True)
class Check:
    """One thing looked at: `absent` is optional and missing, `broken` stops a search."""

    name: str
    status: Status
    detail: str


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check Python, packages, the default model and the sample gallery."""
    checks = [_check_python(), *_check_packages(), _check_photo_formats()]
    checks += [_attempt("default model", _run_model), _attempt("sample gallery", _count_samples)]
    checks += [_check_extra(extra) for extra in EXTRA_MODULES]
    broken = [check for check in checks if check.status == "broken"]
    if as_json:
        typer.echo(json.dumps({"ok": not broken, "checks": [asdict(check) for check in checks]}))
    else:
        _print_table(checks)
        typer.echo(
            f"{len(broken)} of {len(checks)} checks failed." if broken else "Everything works."
        )
    raise typer.Exit(1 if broken else 0)


def _check_python() -> Check:
    found = f"{platform.python_version()} at {sys.executable}"
    return Check("Python", "ok" if sys.version_info >= (3, 11) else "broken", found)


def _check_packages() -> list[Check]:
    requirements = metadata.requires("inkseek") or []
    names = [
        re.split(r"[\s<>=!~;\[(]", line, maxsplit=1)[0]
        for line in requirements
        if "extra ==" not in line
    ]
    return [_attempt(name, partial(_import_package, name)) for name in sorted(names)]


def _import_package(name: str) -> str:
    importlib.import_module(MODULES.get(name, name.replace("-", "_")))
    return metadata.version(name)


def _check_photo_formats() -> Check:
    from PIL import features

    missing = [name for name in ("jpg", "webp", "zlib", "libtiff") if not features.check(name)]
    if missing:
        return Check("photo formats", "broken", f"this Pillow lacks {', '.join(missing)}")
    return Check("photo formats", "ok", "JPEG, PNG, WebP, TIFF")


def _run_model() -> str:
    import numpy as np

    from inkseek.encoder import Encoder
    from inkseek.strokes.sketch import Sketch

    encoder = Encoder.load("default")
    line = np.array([[0, 0], [1, 1]], dtype=np.float32)
    length = float(np.linalg.norm(encoder.embed_sketches([Sketch((line,), 1.0)])[0]))
    if abs(length - 1) > 1e-3:
        raise InkseekError(f"an embedding has length {length:.3f} instead of 1")
    return f"digest {encoder.digest[:12]}, {encoder.dim} dimensions"


def _count_samples() -> str:
    from inkseek.assets import find_asset

    folder = find_asset("samples")
    count = sum(1 for file in folder.rglob("*") if file.suffix.lower() in {".jpg", ".png", ".webp"})
    if not count:
        raise InkseekError(f"no photo below {folder}")
    return f"{count} photos in {folder}"


def _check_extra(extra: str) -> Check:
    absent = []
    for name in EXTRA_MODULES[extra]:
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            absent.append(name)
    if absent:
        advice = (
            f"without {', '.join(absent)}; only training needs it: pip install inkseek[{extra}]"
        )
        return Check(f"extra: {extra}", "absent", advice)
    return Check(f"extra: {extra}", "ok", f"torch {metadata.version('torch')}")


def _attempt(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, "ok", check())
    except Exception as error:  # noqa: BLE001 - whatever is broken here is the finding
        text = " ".join(str(error).split()) or type(error).__name__
        return Check(name, "broken", text)


def _print_table(checks: list[Check]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    colours = {"ok": "green", "absent": "yellow", "broken": "red"}
    table = Table(box=None, pad_edge=False)
    for column in ("check", "status", "found"):
        table.add_column(column, overflow="fold")
    for check in checks:
        status = Text(check.status, style=colours[check.status])
        table.add_row(check.name, status, Text(check.detail))
    Console().print(table)
