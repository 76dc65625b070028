"""Calls in child processes that may hang, crash or eat memory without harming this one.

A child is `python -m inkseek.isolate`, fed through pipes: unlike `multiprocessing` it never
imports the caller's main script, so it works from threads, tests, servers and `python -c`.
Messages are pickles of protocol 5 whose arrays travel beside them, without a copy. This confines
mistakes and overload, not code: what runs is always a function of ours, named by its module.

On systems without `RLIMIT_AS` (Windows; macOS does not enforce it) only the time is limited.
"""

import atexit
import contextlib
import faulthandler
import importlib
import os
import pickle
import signal
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, reduce
from queue import SimpleQueue
from threading import Lock, Timer
from typing import IO, TypeVar, cast

from inkseek.errors import InkseekError, LimitError

Item = TypeVar("Item")
Result = TypeVar("Result")

NUM_WARM = 2
"""Idle children that `run_isolated` keeps for the next call."""

START_SECONDS = 60.0
"""Time to start a child and import a module, on a machine that is busy with something else."""

GRACE_SECONDS = 5.0
"""A child that outlives its limit by this much ends itself: its parent is gone."""

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
    result = _warm_crew(memory_bytes, os.getpid()).call(function, args, seconds)
    if isinstance(result, InkseekError):
        raise result
    return result


class IsolatedPool:
    """Child processes that each do one item at a time; close it, or use it in a `with`."""

    def __init__(self, workers: int, seconds: float, memory_bytes: int) -> None:
        self._workers = max(1, workers)
        self._seconds = seconds
        self._crew = _Crew(memory_bytes, num_idle=self._workers)
        self._threads = ThreadPoolExecutor(self._workers, thread_name_prefix="isolated")

    def __enter__(self) -> "IsolatedPool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def map_unordered(
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Generator[tuple[Item, Result | InkseekError], None, None]:
        """Each item with its result, or with the error that it alone caused, as they finish.

        Items are taken as children become free, so an endless iterable is fine.
        """
        done: SimpleQueue[Future[tuple[Item, Result | InkseekError]]] = SimpleQueue()
        running: set[Future[tuple[Item, Result | InkseekError]]] = set()

        def do(item: Item) -> tuple[Item, Result | InkseekError]:
            return item, self._crew.call(function, (item,), self._seconds)

        def take() -> tuple[Item, Result | InkseekError]:
            future = done.get()
            running.discard(future)
            return future.result()

        try:
            for item in items:
                future = self._threads.submit(do, item)
                running.add(future)
                future.add_done_callback(done.put)
                if len(running) >= 2 * self._workers:
                    yield take()
            while running:
                yield take()
        finally:
            if running:
                # The caller gave up: nobody waits for what is still being done.
                for future in running:
                    future.cancel()
                self._crew.kill()

    def close(self) -> None:
        """Kill the children."""
        self._crew.close()
        self._threads.shutdown(cancel_futures=True)


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

    def call(
        self, function: Callable[..., Result], args: tuple[object, ...], seconds: float
    ) -> Result | InkseekError:
        """The result, or what went wrong; safe to call from several threads."""
        address = _address(function)
        child = self._take()
        try:
            answer = child.call(*address, args, seconds)
        finally:
            self._give_back(child)
        if answer is None:
            return LimitError(f"{address[1]} {child.obituary(seconds)}; {_ADVICE}")
        is_result, value = answer
        if is_result:
            return cast(Result, value)
        if isinstance(value, InkseekError):
            return value
        return LimitError(f"{address[1]} {value}; {_ADVICE}")

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
        self._process = subprocess.Popen(
            # -P: a numpy.py in the current folder must not be imported.
            [sys.executable, "-P", "-m", "inkseek.isolate", str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": path},
        )

    @property
    def is_usable(self) -> bool:
        return not self._killed and self._process.poll() is None

    def call(
        self, module: str, name: str, args: tuple[object, ...], seconds: float
    ) -> tuple[bool, object] | None:
        """What the child answers; None where it was killed or died."""
        message = _pack((module, name, args, seconds))
        if module not in self._imported:
            self._imported.add(module)
            if self._ask(_pack((module, None, (), START_SECONDS)), START_SECONDS) is None:
                return None
        return self._ask(message, seconds)

    def _ask(self, message: list[memoryview | bytes], seconds: float) -> tuple[bool, object] | None:
        timer = Timer(seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            _send(self._process.stdin, message)
            answer: tuple[bool, object] = _receive(self._process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            return None
        finally:
            timer.cancel()
            timer.join()
        return answer

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
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _expire(self) -> None:
        self._expired = True
        self.kill()


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


def _pack(message: object) -> list[memoryview | bytes]:
    """Lengths, pickle, and the buffers of its arrays."""
    buffers: list[pickle.PickleBuffer] = []
    body = pickle.dumps(message, protocol=5, buffer_callback=buffers.append)
    parts: list[memoryview | bytes] = [body]
    parts.extend(buffer.raw() for buffer in buffers)
    lengths = struct.pack(f"<Q{len(parts)}Q", len(parts), *(len(part) for part in parts))
    return [lengths, *parts]


def _send(pipe: IO[bytes] | None, message: list[memoryview | bytes]) -> None:
    if pipe is None:
        raise EOFError
    for part in message:
        pipe.write(part)
    pipe.flush()


def _receive(pipe: IO[bytes] | None) -> tuple:  # type: ignore[type-arg]
    if pipe is None:
        raise EOFError
    (count,) = struct.unpack("<Q", _read(pipe, 8))
    lengths = struct.unpack(f"<{count}Q", _read(pipe, 8 * count))
    body, *buffers = [_read(pipe, length) for length in lengths]
    message: tuple = pickle.loads(body, buffers=buffers)  # type: ignore[type-arg]
    return message


def _read(pipe: IO[bytes], length: int) -> bytearray:
    content = bytearray(length)
    view = memoryview(content)
    while view:
        got = pipe.readinto(view)  # type: ignore[attr-defined]
        if not got:
            raise EOFError
        view = view[got:]
    return content


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
            module, name, args, seconds = _receive(requests)
            faulthandler.dump_traceback_later(seconds + GRACE_SECONDS, exit=True)
            answer = _answer(module, name, args, memory_bytes)
            faulthandler.cancel_dump_traceback_later()
            del args
            _send(answers, answer)


def _answer(
    module: str, name: str | None, args: tuple[object, ...], memory_bytes: int
) -> list[memoryview | bytes]:
    """What a function returns or raises; without a name, the module is only imported."""
    try:
        home = importlib.import_module(module)
        if name is None:
            return _pack((True, None))
        function = reduce(getattr, name.split("."), home)
        return _pack((True, function(*args)))  # type: ignore[operator]
    except InkseekError as error:
        return _pack((False, error))
    except MemoryError:
        return _pack((False, f"needs more than {memory_bytes >> 20} MiB of memory"))
    except Exception as error:  # noqa: BLE001 - a bug in the call must not end the other calls
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return _pack((False, f"failed ({reason[:200]})"))


def _limit_memory(memory_bytes: int) -> None:
    try:
        import resource
    except ImportError:
        return
    for limit, value in ((resource.RLIMIT_AS, memory_bytes), (resource.RLIMIT_CORE, 0)):
        # A hard limit below ours is as good; macOS refuses RLIMIT_AS.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
