"""What the pages show is true: links, the tree, generated pages, commands and Python snippets."""

import re
import runpy
import shlex
from pathlib import Path

import pytest

import inkseek
from inkseek.card import ModelCard
from inkseek.cli.main import app
from inkseek.metrics import interval, ranking, uncertainty

ROOT = Path(__file__).parents[1]
PACKAGE = Path(inkseek.__file__).parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def fenced_blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", read(page), flags=re.MULTILINE | re.DOTALL)


def shown_commands(page: Path) -> list[list[str]]:
    lines = [
        line
        for block in fenced_blocks(page, "(?:console|bash|sh|shell)?")
        for line in block.replace("\\\n", " ").splitlines()
    ]
    typed = [line.removeprefix("$ ").split("  #")[0] for line in lines]
    return [shlex.split(line) for line in typed if line.startswith("inkseek ")]


@each_page
def test_every_link_leads_somewhere(page):
    text = read(page)
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'src="([^"]+)"', text)
    inside = [link for link in links if not link.startswith(("http:", "https:", "mailto:"))]
    assert [link for link in inside if not (page.parent / link).exists()] == []


@each_page
def test_every_command_shown_exists_with_its_options(page):
    tool = runpy.run_path(str(ROOT / "tools" / "write_cli_docs.py"))
    commands = tool["list_commands"](app)
    known = {name: tool["list_options"](command) for name, command in commands.items()}
    for words in shown_commands(page):
        if words[1].startswith("-") or words[1].isupper():
            continue
        name = max((n for n in known if words[: n.count(" ") + 1] == n.split()), default=None)
        assert name, words
        options = {word.split("=")[0] for word in words[2:] if re.match(r"--?[a-z]", word)}
        assert options <= known[name] | {"--help", "-h"}, words


@each_page
def test_python_snippets_use_names_that_exist(page):
    for block in fenced_blocks(page, "python"):
        compile(block, page.name, "exec")
        for names in re.findall(r"^from inkseek import (.+)$", block, flags=re.MULTILINE):
            assert set(re.split(r",\s*", names.strip("()"))) <= set(inkseek.__all__)


def test_the_command_line_page_is_current():
    tool = runpy.run_path(str(ROOT / "tools" / "write_cli_docs.py"))
    assert read(ROOT / "docs" / "cli.md") == tool["write_page"](), "run `make docs`"


def test_the_tree_in_the_architecture_page_is_the_tree():
    shown = re.findall(
        r"^      ([a-z_]+)(?:/|\.py) ", read(ROOT / "docs" / "architecture.md"), re.M
    )
    modules = {path.stem for path in PACKAGE.glob("*.py")} - {"__main__"}
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert set(shown) == modules | folders


def test_the_formats_page_names_every_field_of_a_model_card():
    text = read(ROOT / "docs" / "formats.md")
    assert [name for name in ModelCard.model_fields if f"`{name}`" not in text] == []


def test_every_metric_that_is_explained_exists():
    defined = {*dir(interval), *dir(ranking), *dir(uncertainty)}
    first_columns = re.findall(r"^\| `([a-z_]+)` \|", read(ROOT / "docs" / "metrics.md"), re.M)
    assert first_columns
    assert set(first_columns) <= defined
