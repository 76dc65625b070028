import errno
import subprocess
import sys

import pytest

from inkseek import __version__
from inkseek.cli import main as main_module
from inkseek.errors import GalleryError


@pytest.fixture
def failing(monkeypatch):
    """Make the application raise an error instead of running a command."""

    def install(error):
        def fail(**_):
            raise error

        monkeypatch.setattr(main_module, "app", fail)

    return install


def test_says_its_version(inkseek):
    assert inkseek("--version") == (0, f"inkseek {__version__}\n", "")


def test_without_arguments_shows_the_commands(inkseek):
    _, out, err = inkseek()
    assert "search" in out + err


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_every_command(inkseek, flag):
    code, out, _ = inkseek(flag)
    assert code == 0
    for command in main_module.app.registered_commands:
        name = command.name or command.callback.__name__.replace("_", "-")
        assert f"\n  {name} " in out


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (GalleryError("no gallery at x;\n  run index"), "inkseek: no gallery at x; run index\n"),
        (FileNotFoundError(2, "No such file", "a.svg"), "inkseek: a.svg: No such file\n"),
        (OSError("disk on fire"), "inkseek: disk on fire\n"),
    ],
)
def test_an_expected_failure_is_one_line_and_exit_code_one(inkseek, failing, error, message):
    failing(error)
    assert inkseek() == (1, "", message)


def test_a_bug_keeps_its_traceback(inkseek, failing):
    failing(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        inkseek()


@pytest.mark.parametrize(
    ("interrupt", "code"),
    [(KeyboardInterrupt(), 130), (BrokenPipeError(errno.EPIPE, "Broken pipe"), 1)],
)
def test_an_interrupt_or_a_closed_pipe_is_quiet(inkseek, monkeypatch, interrupt, code):
    def stop(*_, **__):
        raise interrupt

    monkeypatch.setattr("inkseek.cli.doctor._check_python", stop)
    stopped, out, err = inkseek("doctor")
    assert (stopped, out, err.strip()) == (code, "", "")


@pytest.mark.parametrize("args", [("serch",), ("search",), ("search", "a.svg", "--colour", "red")])
def test_wrong_usage_is_exit_code_two(inkseek, args):
    code, out, err = inkseek(*args)
    assert (code, out) == (2, "")
    assert "Usage:" in err


def test_a_reader_that_leaves_early_causes_no_noise():
    program = """
import sys
import typer
from inkseek.cli import main as inkseek

@inkseek.app.command()
def much() -> None:
    for _ in range(20_000):
        typer.echo("x" * 80)

sys.argv = ["inkseek", "much"]
inkseek.main()
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"x" * 80 + b"\n"
        process.stdout.close()
        assert process.stderr.read() == b""


def test_help_loads_no_heavy_library():
    code = (
        "import sys, contextlib\n"
        "from inkseek.cli.main import app\n"
        "with contextlib.suppress(SystemExit):\n    app(['--help'])\n"
        "print('loaded', *{'numpy', 'onnxruntime', 'lancedb', 'rich', 'fastapi'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded"
