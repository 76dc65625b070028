import json
import os
import subprocess
import sys

import pytest

from inkseek.cli import bench as bench_module
from inkseek.report.speed import Speed

FIGURES = [
    Speed("sketch to embedding, p50", 0.5, "ms", 1.0, 0.25, "INT8 multiply-adds"),
    Speed("photos indexed", 50.0, "1/s", 80.0, 100.0, "the encoder alone"),
    Speed("memory of a search", 200.0, "MiB", None, 100.0, "imports and the rows"),
]


@pytest.fixture
def measured(monkeypatch):
    """Figures that are already there, on a process that keeps its cores."""
    monkeypatch.setattr(bench_module, "_measure", lambda *_: iter(FIGURES))
    monkeypatch.setattr(bench_module, "_stay_on_one_core", lambda: None)


@pytest.mark.usefixtures("measured")
def test_the_table_holds_each_figure_beside_target_and_limit(inkseek):
    code, out, _ = inkseek("bench")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith("One core of ")
    assert lines[2].split() == (
        "sketch to embedding, p50 0.5 ms 1 ms 0.25 ms 2.00 INT8 multiply-adds".split()
    )
    assert [line.endswith("MISSED") for line in lines[2:]] == [False, True, False]


@pytest.mark.usefixtures("measured")
def test_json_has_the_same_figures_and_the_machine(inkseek):
    _, out, _ = inkseek("bench", "--json")
    report = json.loads(out)
    assert report["cores"] == 1
    assert "Python" in report["machine"]
    assert [figure["ratio"] for figure in report["figures"]] == [2.0, 2.0, 2.0]
    assert [figure["meets_target"] for figure in report["figures"]] == [True, False, True]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores are chosen on Linux only")
def test_runs_on_one_core_and_one_thread():
    code = (
        "import os; from inkseek.cli.bench import _stay_on_one_core; _stay_on_one_core();"
        "print(len(os.sched_getaffinity(0)), os.environ['OPENBLAS_NUM_THREADS'])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["1", "1"]
