"""The names that `import inkseek` offers, and what they cost."""

import subprocess
import sys
from importlib.metadata import version

import pytest

import inkseek


def test_offers_what_the_documentation_promises():
    assert set(inkseek.__all__) == {
        "Encoder",
        "Gallery",
        "Searcher",
        "Sketch",
        "__version__",
        "read_sketch",
    }


@pytest.mark.parametrize("name", inkseek.__all__)
def test_every_public_name_is_there(name):
    assert getattr(inkseek, name) is not None


def test_the_version_is_the_installed_one():
    assert inkseek.__version__ == version("inkseek")


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Sercher'"):
        _ = inkseek.Sercher


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, inkseek; print(*{'numpy', 'PIL', 'onnxruntime', 'torch'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []


def test_runs_as_a_module():
    command = [sys.executable, "-m", "inkseek", "--version"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout == f"inkseek {inkseek.__version__}\n"
