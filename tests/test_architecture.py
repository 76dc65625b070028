"""The rules of docs/architecture.md, as tests: one-way imports, no torch in a search, sizes."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import inkseek

PACKAGE = Path(inkseek.__file__).parent
TESTS = Path(__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# Each stage may import itself, `errors` and what is listed here: nothing else of ours.
SEARCH_LINE = {
    "assets": set(),
    "card": set(),
    "isolate": set(),
    "strokes": {"isolate"},
    "raster": {"strokes"},
    "selector": {"card", "strokes"},
    "encoder": {"assets", "card", "raster", "selector", "strokes"},
    "gallery": set(),
    "indexing": {"encoder", "gallery", "isolate", "raster"},
    "search": {"card", "encoder", "feedback", "gallery", "strokes"},
    "feedback": set(),
    "explain": {"encoder", "raster", "strokes"},
    "server": {
        "assets",
        "card",
        "encoder",
        "explain",
        "feedback",
        "gallery",
        "indexing",
        "isolate",
        "raster",
        "search",
        "selector",
        "strokes",
    },
    "site": {"card", "encoder", "feedback", "gallery", "isolate", "search", "server"},
    "client": {"server", "strokes"},
    "mcp": {"gallery", "search", "server", "strokes"},
}
TRAIN_LINE = {
    "metrics": set(),
    "losses": set(),
    "models": set(),
    "data": {"raster", "strokes"},
    "training": {"card", "data", "losses", "metrics", "models", "raster"},
    "export": {"assets", "card", "data", "encoder", "metrics", "models", "raster", "strokes"},
    "report": {*SEARCH_LINE, "data", "metrics"},
    "systems": {
        *SEARCH_LINE,
        "data",
        "export",
        "losses",
        "metrics",
        "models",
        "report",
        "training",
    },
}
TOP = {
    "cli": {*SEARCH_LINE, *TRAIN_LINE},
    "__init__": {"encoder", "gallery", "search", "strokes"},
    "__main__": {"cli"},
}
ALLOWED = {"errors": set(), **SEARCH_LINE, **TRAIN_LINE, **TOP}

TORCH_FAMILY = {"lightning", "onnxscript", "pytorch_lightning", "timm", "torch", "torchvision"}
VAGUE_NAMES = {"base", "common", "helper", "helpers", "misc", "util", "utils"}
FREE_TEST_FOLDERS = {"browser", "golden", "hostile"}


def stage_of(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def parse(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def imported(module: Path) -> set[str]:
    names = set()
    for node in ast.walk(parse(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    return names


def stages_imported(module: Path) -> set[str]:
    ours = {name.split(".")[1] for name in imported(module) if name.startswith("inkseek.")}
    return {name for name in ours if (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").exists()}


def functions(module: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    found = ast.walk(parse(module))
    return [node for node in found if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
    )


each_module = pytest.mark.parametrize(
    "module", MODULES, ids=lambda module: str(module.relative_to(PACKAGE))
)


@each_module
def test_imports_flow_one_way(module):
    stage = stage_of(module)
    assert stage in ALLOWED, f"say in tests/test_architecture.py what {stage} may import"
    assert stages_imported(module) <= ALLOWED[stage] | {stage, "errors"}


def test_the_import_rule_has_no_circle():
    TopologicalSorter(ALLOWED).prepare()


@each_module
def test_no_system_imports_another(module):
    parts = module.relative_to(PACKAGE).parts
    if parts[0] == "systems" and len(parts) > 2:
        others = {
            name.split(".")[2]
            for name in imported(module)
            if name.count(".") > 1 and name.startswith("inkseek.systems.")
        }
        assert others <= {parts[1]}


@each_module
def test_the_search_line_names_no_training_library(module):
    if stage_of(module) in {*SEARCH_LINE, "report", "cli", "__init__", "__main__"}:
        assert {name.split(".")[0] for name in imported(module)} & TORCH_FAMILY == set()


@pytest.mark.parametrize(
    "entry", ["inkseek.cli.main", "inkseek.search", "inkseek.server.app", "inkseek.indexing"]
)
def test_importing_an_entry_point_does_not_load_torch(entry):
    done = run_python(f"import sys, {entry}; print(*{TORCH_FAMILY} & {{*sys.modules}})")
    assert done.stderr == ""
    assert done.stdout.split() == []


@each_module
def test_a_file_holds_one_idea_and_says_it(module):
    assert module.stem not in VAGUE_NAMES
    assert not VAGUE_NAMES & set(module.relative_to(PACKAGE).parts)
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400
    assert ast.get_docstring(parse(module))


@each_module
def test_functions_are_short_with_few_parameters(module):
    for function in functions(module):
        assert function.end_lineno - function.lineno + 1 < 60, function.name
        named = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        num_parameters = len(
            [argument for argument in named if argument.arg not in {"self", "cls"}]
        )
        is_command = stage_of(module) == "cli" and function.name == module.stem
        # The parameters of a command are its options, and nobody passes them by position.
        assert num_parameters <= 7 or is_command, function.name


@each_module
def test_public_names_have_a_docstring(module):
    for node in parse(module).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            assert node.name.startswith("_") or ast.get_docstring(node), node.name


@each_module
def test_only_the_command_line_prints(module):
    calls = [node.func for node in ast.walk(parse(module)) if isinstance(node, ast.Call)]
    printed = any(isinstance(call, ast.Name) and call.id == "print" for call in calls)
    assert not printed or stage_of(module) == "cli"


@each_module
def test_annotations_are_objects_rather_than_text(module):
    assert "__future__.annotations" not in imported(module)


@pytest.mark.parametrize(
    "test_file",
    sorted(TESTS.glob("*/**/test_*.py")),
    ids=lambda file: str(file.relative_to(TESTS)),
)
def test_the_tests_mirror_the_source(test_file):
    relative = test_file.relative_to(TESTS)
    if relative.parts[0] not in FREE_TEST_FOLDERS:
        tested = PACKAGE / relative.parent / relative.stem.removeprefix("test_")
        assert tested.is_dir() or tested.with_suffix(".py").is_file()


@each_module
def test_every_module_of_the_search_line_has_its_tests(module):
    if stage_of(module) in SEARCH_LINE and module.stem != "__init__":
        relative = module.relative_to(PACKAGE)
        assert (TESTS / relative.parent / f"test_{relative.name}").is_file()
