"""The page of a site: the service's own modules, except where the site has one of the same name.

The site's `search.js` has the interface of the service's, and answers on the page.
"""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import inkseek.server
from inkseek.errors import InkseekError

SITE = Path(__file__).parent / "static"
SERVICE = Path(inkseek.server.__file__).parent / "static"
RUNTIME = ("ort.js", "ort.wasm.gz", "LICENSE")

ENTRIES = ("site.js", "encoder-worker.js")
"""Modules that a page or a worker starts from; all others are imported by one."""

PICTURES = ("icon.svg",)
STYLESHEETS = "<!-- stylesheets -->"

_IMPORT = re.compile(r"""(?:^|\s)(?:import|from)\s*\(?\s*["']\./([\w-]+\.js)["']""")
_LINK = re.compile(r'<link rel="stylesheet" href="([\w-]+\.css)">')


def check_runtime() -> None:
    """Refuse to go on without the files that run the encoder in a browser.

    Raises:
        InkseekError: They are not there.
    """
    folder = SERVICE / "vendor"
    if not all((folder / name).is_file() for name in RUNTIME):
        raise InkseekError(
            f"the runtime of the encoder in the browser is not in {folder}; run `make web` in a "
            "checkout of inkseek, or install a wheel, which has it"
        )


def write_page(folder: Path) -> None:
    """Copy page, modules, styles and runtime."""
    for name in [*find_modules(ENTRIES), *PICTURES]:
        shutil.copyfile(find_file(name), folder / name)
    styles = [*_LINK.findall((SERVICE / "index.html").read_text(encoding="utf-8")), "site.css"]
    for name in styles:
        shutil.copyfile(find_file(name), folder / name)
    (folder / "vendor").mkdir()
    for name in RUNTIME:
        shutil.copyfile(SERVICE / "vendor" / name, folder / "vendor" / name)
    links = "\n  ".join(f'<link rel="stylesheet" href="{name}">' for name in styles)
    html = find_file("index.html").read_text(encoding="utf-8").replace(STYLESHEETS, links)
    (folder / "index.html").write_text(html, encoding="utf-8")


def find_modules(entries: Sequence[str]) -> list[str]:
    """These modules and all that they import, directly or not, by name."""
    found: list[str] = []
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.append(name)
            waiting.extend(_IMPORT.findall(find_file(name).read_text(encoding="utf-8")))
    return sorted(found)


def find_file(name: str) -> Path:
    """A file of the page: the site's, or else the service's."""
    own = SITE / name
    return own if own.is_file() else SERVICE / name
