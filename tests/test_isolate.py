import operator
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from inkseek.card import hash_bytes
from inkseek.errors import InkseekError, LimitError, SketchFormatError
from inkseek.isolate import IsolatedPool, run_isolated
from inkseek.strokes.sketch import Sketch

MEMORY_BYTES = 2**30
SECONDS = 20.0


def call(function, *args, seconds=SECONDS):
    return run_isolated(function, *args, seconds=seconds, memory_bytes=MEMORY_BYTES)


def test_returns_what_the_function_returns():
    assert call(hash_bytes, b"abc") == hash_bytes(b"abc")


def test_runs_in_another_process():
    assert call(os.getpid) != os.getpid()


def test_keeps_a_child_for_the_next_call():
    assert call(os.getpid) == call(os.getpid)


def test_arrays_arrive_whole_and_writable():
    array = np.random.default_rng(0).integers(0, 256, (700, 900, 3), dtype=np.uint8)
    back = call(operator.pos, array)
    np.testing.assert_array_equal(back, array)
    back[0] = 0


def test_an_error_of_ours_comes_back_as_itself():
    with pytest.raises(SketchFormatError, match="canvas_size is -1"):
        call(Sketch, (), -1.0)


def test_any_other_error_is_a_limit_error_on_one_line():
    with pytest.raises(LimitError, match=r"^truediv failed \(ZeroDivisionError: [^\n]*$"):
        call(operator.truediv, 1, 0)


def test_a_hung_call_is_killed():
    start = time.monotonic()
    with pytest.raises(LimitError, match=r"sleep took more than 0.5 s and was stopped"):
        call(time.sleep, 60, seconds=0.5)
    assert time.monotonic() - start < 5


def test_a_crash_is_a_limit_error_and_the_next_call_works():
    with pytest.raises(LimitError, match="crashed its process"):
        call(os.abort)
    assert call(operator.add, 1, 2) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces RLIMIT_AS")
def test_too_much_memory_is_a_limit_error():
    with pytest.raises(LimitError, match="needs more than 1024 MiB of memory"):
        call(bytearray, 2**31)


def test_what_a_function_prints_does_not_disturb_the_answers():
    assert call(os.write, 1, b"noise") == 5
    assert call(print, "noise") is None


def test_a_result_that_does_not_pickle_is_a_limit_error():
    with pytest.raises(LimitError, match="failed"):
        call(memoryview, b"abc")


def test_a_function_that_no_other_process_can_import_is_refused():
    with pytest.raises(InkseekError, match="move it to the top level"):
        call(lambda: 1)


def test_threads_may_call_at_the_same_time():
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda i: call(operator.mul, i, 2), range(20))) == [
            *range(0, 40, 2)
        ]


def test_works_from_a_command_line_string():
    code = (
        "import math; from inkseek.isolate import run_isolated;"
        "print(run_isolated(math.sqrt, 9.0, seconds=20, memory_bytes=2**30))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("3.0\n", "")


def test_a_module_in_the_current_folder_is_not_imported(tmp_path, monkeypatch):
    (tmp_path / "numpy.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)
    with IsolatedPool(1, SECONDS, MEMORY_BYTES) as pool:
        array = np.zeros(3)
        [(_, result)] = pool.map_unordered(np.sum, [array])
    assert result == 0.0


def test_a_pool_does_every_item_once():
    with IsolatedPool(2, SECONDS, MEMORY_BYTES) as pool:
        done = dict(pool.map_unordered(operator.neg, range(50)))
    assert done == {i: -i for i in range(50)}


@pytest.mark.slow
def test_a_pool_loses_only_the_items_that_hang_crash_or_explode():
    with IsolatedPool(2, 4.0, MEMORY_BYTES) as pool:
        jobs = [0.0, 60.0, "word", 0.01, 60.0, 0.02]
        done = list(pool.map_unordered(time.sleep, jobs))
        again = list(pool.map_unordered(os._exit, [3])) + list(pool.map_unordered(abs, [-3]))
    assert sorted(str(item) for item, _ in done) == sorted(map(str, jobs))
    failed = [item for item, result in done if isinstance(result, LimitError)]
    assert sorted(map(str, failed)) == ["60.0", "60.0", "word"]
    assert isinstance(again[0][1], LimitError)
    assert again[1] == (-3, 3)


def test_a_pool_takes_items_only_as_they_are_needed():
    taken = []

    def endless():
        while True:
            taken.append(len(taken))
            yield len(taken)

    with IsolatedPool(2, SECONDS, MEMORY_BYTES) as pool:
        results = pool.map_unordered(operator.neg, endless())
        assert [next(results) for _ in range(3)]
        results.close()
    assert len(taken) < 10


def test_items_that_travel_together_are_lost_one_by_one():
    """Quick items share a message by then; each bad one costs its own result only."""
    items = [*range(40), "bad", *range(40, 60), -1, *range(60, 90)]
    with IsolatedPool(1, SECONDS, MEMORY_BYTES) as pool:
        done = list(pool.map_unordered(os.strerror, items))
        crashed = list(pool.map_unordered(os._exit, [*range(3)]))
    assert [item for item, _ in done] == items
    assert [item for item, result in done if isinstance(result, LimitError)] == ["bad"]
    assert all(isinstance(result, LimitError) for _, result in crashed)


@pytest.mark.slow
def test_a_slow_item_among_quick_ones_is_stopped_at_its_own_limit():
    items = [*[0.0] * 40, 60.0, *[0.0] * 40]
    with IsolatedPool(1, 1.5, MEMORY_BYTES) as pool:
        done = list(pool.map_unordered(time.sleep, items))
    assert [item for item, _ in done] == items
    assert [item for item, result in done if isinstance(result, LimitError)] == [60.0]


def test_items_are_done_ahead_of_being_asked_for_and_no_further():
    taken = []

    def count_up():
        for i in range(100):
            taken.append(i)
            yield i

    with IsolatedPool(2, SECONDS, MEMORY_BYTES) as pool:
        results = pool.map_unordered(operator.neg, count_up(), ahead=30)
        next(results)
        stop = time.monotonic() + SECONDS
        while len(taken) < 31 and time.monotonic() < stop:
            time.sleep(0.01)
        time.sleep(0.1)
        assert len(taken) == 31
        assert len(list(results)) == 99


def test_giving_up_does_not_wait_for_what_is_running():
    start = time.monotonic()
    with IsolatedPool(2, 60.0, MEMORY_BYTES) as pool:
        results = pool.map_unordered(time.sleep, [0.0, 50.0, 50.0, 50.0, 50.0])
        next(results)
        results.close()
    assert time.monotonic() - start < 10


def test_an_error_of_the_items_reaches_the_caller():
    def broken():
        yield 1
        raise FileNotFoundError

    with IsolatedPool(1, SECONDS, MEMORY_BYTES) as pool, pytest.raises(FileNotFoundError):
        list(pool.map_unordered(operator.neg, broken()))


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="counts the children in /proc")
def test_a_closed_pool_leaves_no_process():
    with IsolatedPool(1, SECONDS, MEMORY_BYTES) as pool:
        [(_, own_group)] = pool.map_unordered(os.getpgid, [0])
        [(_, status)] = pool.map_unordered(Path.read_text, [Path("/proc/self/stat")])
    assert own_group == os.getpgid(0)
    assert not Path("/proc", status.split()[0]).exists()
