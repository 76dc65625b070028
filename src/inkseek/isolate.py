"""Calls in child processes that may hang, crash or eat memory without harming this one.

A child is `python -m inkseek.isolate`, fed through pipes: unlike `multiprocessing` it never
imports the caller's main script, so it works from threads, tests, servers and `python -c`.
This confines mistakes and overload, not code: messages are pickles, and what runs is always a
function of ours, named by its module.

On systems without `RLIMIT_AS` (Windows; macOS does not enforce it) only the time is limited.
"""

import atexit
import contextlib
import faulthandler
import importlib
import os
import pickle
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from functools import cache, reduce
from itertools import islice
from math import inf
from queue import SimpleQueue
from threading import Event, Lock, Semaphore, Thread
from typing import IO, Generic, TypeVar, cast

from inkseek.errors import InkseekError, LimitError

Item = TypeVar("Item")
Result = TypeVar("Result")

NUM_WARM = 2
"""Idle children that `run_isolated` keeps for the next call."""

START_SECONDS = 60.0
"""Time to start a child and import a module, on a machine that is busy with something else."""

GRACE_SECONDS = 5.0
"""A child that outlives its limit by this much ends itself: its parent is gone."""

MAX_CHUNK = 16
CHUNK_SECONDS = 0.05
"""Quick items travel together up to this many and about this much work, to save on messages."""

KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(2**24), "MALLOC_TRIM_THRESHOLD_": str(2**26)}
"""glibc keeps this much between calls: to ask for pages anew took a quarter of a photo's time."""

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def run_isolated(
    function: Callable[..., Result], *args: object, seconds: float, memory_bytes: int
) -> Result:
    """Call a function in a child process, which is killed when it exceeds a limit.

    Args:
        function: Importable by module and name; neither a lambda nor from a main script.
        *args: What to call it with; they and the result must pickle.
        seconds: Time for the call; starting a child and importing the module do not count.
        memory_bytes: Memory of the child, libraries included.

    Raises:
        LimitError: The call took too long or too much memory, crashed, or failed unexpectedly.
        InkseekError: What the function itself raised, as it is.
    """
    (result,) = _warm_crew(memory_bytes, os.getpid()).stream(function, [args], seconds)
    if isinstance(result, InkseekError):
        raise result
    return result


class IsolatedPool(AbstractContextManager["IsolatedPool"]):
    """Child processes that each do one item at a time; close it, or use it in a `with`."""

    def __init__(self, workers: int, seconds: float, memory_bytes: int) -> None:
        self._workers = max(1, workers)
        self._seconds = seconds
        self._crew = _Crew(memory_bytes, num_idle=self._workers)
        self._threads = ThreadPoolExecutor(self._workers, thread_name_prefix="isolated")

    def __exit__(self, *_: object) -> None:
        self.close()

    def map_unordered(
        self, function: Callable[[Item], Result], items: Iterable[Item], *, ahead: int = 0
    ) -> Generator[tuple[Item, Result | InkseekError], None, None]:
        """Each item with its result, or with the error that it alone caused, as they finish.

        Items are taken as children become free, so an endless iterable is fine.

        Args:
            function: As for `run_isolated`.
            items: Quick ones travel to a child several at once; the time limit is each one's own.
            ahead: Items to take before they are asked for, while the caller does something else.
        """
        work: _Work[Item, Result] = _Work(items, room=max(ahead, 2 * self._workers))
        for _ in range(self._workers):
            self._threads.submit(work.do, self._crew, function, self._seconds)
        num_working = self._workers
        try:
            while num_working:
                outcome = work.done.get()
                if isinstance(outcome, BaseException):
                    raise outcome
                if outcome is None:
                    num_working -= 1
                else:
                    work.room.release()
                    yield outcome
        finally:
            if num_working:
                # The caller gave up: nobody waits for what is still being done.
                work.is_stopped = True
                work.room.release(self._workers)
                self._crew.kill()

    def close(self) -> None:
        """Kill the children."""
        self._crew.close()
        self._threads.shutdown(cancel_futures=True)


_Done = tuple[Item, Result | InkseekError] | BaseException | None


class _Work(Generic[Item, Result]):
    """Items of one map and what became of them, shared by the threads that wait for children."""

    def __init__(self, items: Iterable[Item], room: int) -> None:
        self.done: SimpleQueue[_Done[Item, Result]] = SimpleQueue()
        self.room = Semaphore(room)
        self.is_stopped = False
        self._source = iter(items)
        self._lock = Lock()

    def do(self, crew: "_Crew", function: Callable[[Item], Result], seconds: float) -> None:
        """Items until there are no more, a few in one message when they are quick."""
        size = 1
        try:
            while chunk := self._take(size):
                start = time.monotonic()
                calls = [(item,) for item in chunk]
                with closing(crew.stream(function, calls, seconds)) as results:
                    for result, item in zip(results, chunk, strict=True):
                        self.done.put((item, result))
                        if self.is_stopped:
                            break
                pace = (time.monotonic() - start) / len(chunk)
                size = min(size + 1, MAX_CHUNK, 1 + int(CHUNK_SECONDS / (pace + 1e-6)))
            self.done.put(None)
        except BaseException as error:  # noqa: BLE001 - raised again where the results are used
            self.done.put(error)

    def _take(self, size: int) -> list[Item]:
        self.room.acquire()
        count = 1
        while count < size and self.room.acquire(blocking=False):
            count += 1
        with self._lock:
            chunk = [] if self.is_stopped else list(islice(self._source, count))
        if spare := count - len(chunk):
            self.room.release(spare)
        return chunk


class _Crew:
    """Children of one memory limit: idle ones wait here, busy ones are with a caller."""

    def __init__(self, memory_bytes: int, num_idle: int) -> None:
        self._memory_bytes = memory_bytes
        self._num_idle = num_idle
        self._idle: deque[_Child] = deque()
        self._busy: set[_Child] = set()
        self._owner = os.getpid()
        self._is_open = True
        self._lock = Lock()

    def stream(
        self,
        function: Callable[..., Result],
        calls: Sequence[tuple[object, ...]],
        seconds: float,
    ) -> Generator[Result | InkseekError, None, None]:
        """What each call returns, or what went wrong with it, in order; for several threads.

        A call that ends its child does not take the next ones with it.
        """
        module, name = _address(function)
        while calls:
            child = self._take()
            count = 0
            try:
                for is_result, value in child.ask(module, name, calls, seconds):
                    count += 1
                    if is_result or isinstance(value, InkseekError):
                        yield cast(Result, value)
                    else:
                        yield LimitError(f"{name} {value}; {_ADVICE}")
                if count < len(calls):
                    count += 1
                    yield LimitError(f"{name} {child.obituary(seconds)}; {_ADVICE}")
            finally:
                if count < len(calls):
                    # Its next answers are for calls that nobody waits for.
                    child.kill()
                self._give_back(child)
            calls = calls[count:]

    def kill(self) -> None:
        """Stop every child; calls under way end with a LimitError."""
        with self._lock:
            for child in (*self._busy, *self._idle):
                child.kill()

    def close(self) -> None:
        """Stop every child, and start none from now on."""
        if os.getpid() != self._owner:
            # After a fork the children are still those of the parent.
            return
        self._is_open = False
        self.kill()
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> "_Child":
        with self._lock:
            if not self._is_open:
                raise LimitError("the pool of child processes is closed; open another one")
            while self._idle:
                child = self._idle.pop()
                if child.is_usable:
                    break
                child.close()
            else:
                child = _Child(self._memory_bytes)
            self._busy.add(child)
            return child

    def _give_back(self, child: "_Child") -> None:
        with self._lock:
            self._busy.discard(child)
            if self._is_open and child.is_usable and len(self._idle) < self._num_idle:
                self._idle.append(child)
                return
        child.close()


_ADVICE = "the input is damaged, too large or made to do harm: leave it out or save it anew"


class _Child:
    """One child process and the pipes to it."""

    def __init__(self, memory_bytes: int) -> None:
        path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
        self._expired = False
        self._killed = False
        self._imported: set[str] = set()
        self._deadline = inf
        self._process = subprocess.Popen(
            # -P: a numpy.py in the current folder must not be imported.
            [sys.executable, "-P", "-m", "inkseek.isolate", str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**KEEP_MEMORY, **os.environ, **ONE_THREAD, "PYTHONPATH": path},
        )
        self._requests = cast(IO[bytes], self._process.stdin)
        self._answers = cast(IO[bytes], self._process.stdout)

    @property
    def is_usable(self) -> bool:
        return not self._killed and self._process.poll() is None

    def ask(
        self, module: str, name: str, calls: Sequence[tuple[object, ...]], seconds: float
    ) -> Generator[tuple[bool, object], None, None]:
        """Its answers, in one message; fewer than calls when it was killed or died."""
        is_new = module not in self._imported
        self._imported.add(module)
        if is_new and not list(self._exchange((module, None, [()], START_SECONDS))):
            return
        yield from self._exchange((module, name, calls, seconds))

    def _exchange(
        self, message: tuple[str, str | None, Sequence[tuple[object, ...]], float]
    ) -> Generator[tuple[bool, object], None, None]:
        *_, calls, seconds = message
        packed, is_over = pickle.dumps(message), Event()
        self._deadline = time.monotonic() + seconds
        (guard := Thread(target=self._guard, args=(is_over,), daemon=True)).start()
        try:
            self._requests.write(packed)
            self._requests.flush()
            for _ in calls:
                yield pickle.load(self._answers)
                self._deadline = time.monotonic() + seconds
        except (OSError, EOFError, pickle.UnpicklingError):
            return
        finally:
            is_over.set()
            guard.join()

    def _guard(self, is_over: Event) -> None:
        """Kill the child when the deadline, which moves on with each answer, is over."""
        while not is_over.wait(max(0.0, self._deadline - time.monotonic())):
            if time.monotonic() >= self._deadline:
                self._expired = True
                self.kill()
                return

    def obituary(self, seconds: float) -> str:
        self.kill()
        if self._expired:
            return f"took more than {seconds:g} s and was stopped"
        return f"crashed its process (exit status {self._process.wait()})"

    def kill(self) -> None:
        self._killed = True
        self._process.kill()

    def close(self) -> None:
        self.kill()
        self._process.wait()
        for pipe in (self._requests, self._answers):
            with contextlib.suppress(OSError):
                pipe.close()


@cache
def _warm_crew(memory_bytes: int, owner: int) -> _Crew:
    """The crew of `run_isolated`; a forked process gets its own."""
    crew = _Crew(memory_bytes, num_idle=NUM_WARM)
    atexit.register(crew.close)
    return crew


def _address(function: Callable[..., object]) -> tuple[str, str]:
    module = getattr(function, "__module__", None) or "__main__"
    name = getattr(function, "__qualname__", "<unnamed>")
    if module == "__main__" or "<" in name:
        raise InkseekError(
            f"{module}.{name} cannot run in a child process, which has to import it; "
            "move it to the top level of a module"
        )
    return module, name


def _serve(memory_bytes: int) -> None:
    """The life of a child: answer calls until the pipe closes."""
    # Ctrl-C reaches the whole process group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a library prints must not end up among the answers.
    os.dup2(2, 1)
    _limit_memory(memory_bytes)
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            module, name, calls, seconds = pickle.load(requests)
            # One for all of them: an alarm is a thread, which is dear beside a quick call.
            limit = len(calls) * seconds + GRACE_SECONDS
            faulthandler.dump_traceback_later(limit, exit=True)
            for args in calls:
                answers.write(_answer(module, name, args, memory_bytes))
                answers.flush()
            faulthandler.cancel_dump_traceback_later()
            del calls, args


def _answer(module: str, name: str | None, args: tuple[object, ...], memory_bytes: int) -> bytes:
    """What a function returns or raises; without a name, the module is only imported."""
    try:
        home = importlib.import_module(module)
        function = reduce(getattr, name.split("."), home) if name else str
        return pickle.dumps((True, function(*args)))  # type: ignore[operator]
    except InkseekError as error:
        return pickle.dumps((False, error))
    except MemoryError:
        return pickle.dumps((False, f"needs more than {memory_bytes >> 20} MiB of memory"))
    except Exception as error:  # noqa: BLE001 - a bug in the call must not end the other calls
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return pickle.dumps((False, f"failed ({reason[:200]})"))


def _limit_memory(memory_bytes: int) -> None:
    # A hard limit below ours is as good; macOS refuses RLIMIT_AS, and Windows has none.
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
