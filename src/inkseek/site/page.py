"""The page of a site: the service's own modules, except where the site has one of the same name.

Buttons and icons that both pages have stand in the service's alone; the site's names their ids.

The site's `search.js` has the interface of the service's, and answers on the page.
"""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import inkseek.server
from inkseek.errors import InkseekError
from inkseek.server.browser import RUNTIME, has_runtime

SITE = Path(__file__).parent / "static"
SERVICE = Path(inkseek.server.__file__).parent / "static"

ENTRIES = ("site.js", "encoder-worker.js")
"""Modules that a page or a worker starts from; all others are imported by one."""

PICTURES = ("icon.svg",)
STYLESHEETS = "<!-- stylesheets -->"

_SHARED = re.compile(r"^ *<!-- service: ([\w -]+) -->$", re.MULTILINE)
"""Stands in the site's page for elements of the service's, named by their ids."""

_IMPORT = re.compile(r"""(?:^|\s)(?:import|from)\s*\(?\s*["']\./([\w-]+\.js)["']""")
_LINK = re.compile(r'<link rel="stylesheet" href="([\w-]+\.css)">')


def check_runtime() -> None:
    """Refuse to go on without the files that run the encoder in a browser.

    Raises:
        InkseekError: They are not there.
    """
    folder = SERVICE / "vendor"
    if not has_runtime(folder):
        raise InkseekError(
            f"the runtime of the encoder in the browser is not in {folder}; run `make web` in a "
            "checkout of inkseek, or install a wheel, which has it"
        )


def write_page(folder: Path) -> None:
    """Copy page, modules, styles and runtime."""
    for name in [*find_modules(ENTRIES), *PICTURES]:
        shutil.copyfile(find_file(name), folder / name)
    service = (SERVICE / "index.html").read_text(encoding="utf-8")
    styles = [*_LINK.findall(service), "site.css"]
    for name in styles:
        shutil.copyfile(find_file(name), folder / name)
    (folder / "vendor").mkdir()
    for name in RUNTIME:
        shutil.copyfile(SERVICE / "vendor" / name, folder / "vendor" / name)
    links = "\n  ".join(f'<link rel="stylesheet" href="{name}">' for name in styles)
    html = (SITE / "index.html").read_text(encoding="utf-8").replace(STYLESHEETS, links)
    (folder / "index.html").write_text(fill_in(html, service), encoding="utf-8")


def fill_in(html: str, service: str) -> str:
    """A page with the elements of the service's page that it asks for.

    Raises:
        InkseekError: The service's page has no such element.
    """

    def take(asked: re.Match[str]) -> str:
        return "\n".join(find_element(service, name) for name in asked[1].split())

    return _SHARED.sub(take, html)


def find_element(html: str, name: str) -> str:
    """The lines of the element with an id.

    Our pages begin an element on a line of its own, and end it there or at the same indentation.

    Raises:
        InkseekError: There is none.
    """
    begun = rf'^( *)<(\w+) id="{re.escape(name)}".*?'
    found = re.search(rf"{begun}(?:</\2>$|\n[\s\S]*?^\1</\2>$)", html, re.MULTILINE)
    if found is None:
        raise InkseekError(f"the service's page has no element {name!r}; the site's asks for it")
    return found[0]


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
