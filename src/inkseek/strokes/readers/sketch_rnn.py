"""sketch-rnn .npz (Ha & Eck 2017): arrays `train`, `valid`, `test` of stroke-3 sketches.

Each is an array of objects, which numpy stores as a pickle: a program in disguise. It is read
by an unpickler that knows how to rebuild an array and nothing else, in a child process.
"""

import pickle
import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import BufferedIOBase, BytesIO
from typing import Any

import numpy as np
from jaxtyping import Float64

from inkseek.errors import LimitError, SketchFormatError
from inkseek.strokes.readers.confined import parse_confined
from inkseek.strokes.readers.limits import build_sketch
from inkseek.strokes.sketch import Sketch

PARTS = ("train.npy", "valid.npy", "test.npy")

MAX_ARCHIVE_BYTES = 128 * 2**20
"""Of a file; the largest category of the full data set has 60 MiB."""

MAX_UNPACKED_BYTES = 512 * 2**20
"""Of an array in it; a bomb unpacks to much more."""

SECONDS = 20.0
MEMORY_BYTES = 4 * 2**30

PICKLED_BY = {"numpy.core.multiarray", "numpy._core.multiarray"}
"""Homes of numpy's function that rebuilds an array, in its version 1 and 2."""

Stroke3 = Float64[np.ndarray, "_points 3"]


def read_sketch_rnn(file: BufferedIOBase, name: str) -> Iterator[Sketch]:
    """Every sketch: training, validation and test part in turn."""
    content = file.read(MAX_ARCHIVE_BYTES + 1)
    if len(content) > MAX_ARCHIVE_BYTES:
        raise LimitError(f"{name} is larger than {MAX_ARCHIVE_BYTES >> 20} MiB; split it")
    rows, lengths = parse_confined(
        load_rows, content, name, seconds=SECONDS, memory_bytes=MEMORY_BYTES
    )
    end = 0
    for number, length in enumerate(lengths):
        end += length
        yield _from_rows(rows[end - length : end], f"{name}, sketch {number}")


def load_rows(content: bytes, name: str) -> tuple[np.ndarray, list[int]]:
    """Rows of all sketches and the length of each; the part that runs in a child process."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = [m for part in PARTS for m in archive.infolist() if m.filename == part]
            if not members:
                raise SketchFormatError(
                    f"{name} holds none of {', '.join(PARTS)}; only sketch-rnn archives are read"
                )
            sketches = [
                sketch
                for member in members
                for sketch in _load_objects(_unpack(archive, member, name), name)
            ]
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError):
        raise SketchFormatError(f"{name} is a damaged archive; download it again") from None
    for i, sketch in enumerate(sketches):
        is_array = isinstance(sketch, np.ndarray) and sketch.dtype.kind in "iuf"
        if not is_array or sketch.ndim != 2 or sketch.shape[1] != 3:
            raise SketchFormatError(
                f"{name}: sketch {i} is not an array of rows (dx, dy, pen lifted)"
            )
    lengths = [len(sketch) for sketch in sketches]
    return np.concatenate([np.zeros((0, 3), np.int16), *sketches]), lengths


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    """The declared size may lie, so what really comes out is counted."""
    with archive.open(member) as packed:
        data = packed.read(MAX_UNPACKED_BYTES + 1)
    if len(data) > MAX_UNPACKED_BYTES:
        raise LimitError(
            f"{name}: {member.filename} unpacks to more than {MAX_UNPACKED_BYTES >> 20} MiB; "
            "only sketch-rnn archives are read"
        )
    return data


def _load_objects(data: bytes, name: str) -> list[Any]:
    """The elements of a .npy of objects."""
    file = BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0
        read = read if version == (1, 0) else np.lib.format.read_array_header_2_0
        _, _, dtype = read(file)
        if not dtype.hasobject:
            raise SketchFormatError(f"{name} holds numbers instead of one array a sketch")
        array = _ArrayUnpickler(file, encoding="latin1").load()
    except SketchFormatError:
        raise
    except (
        pickle.UnpicklingError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        EOFError,
        ArithmeticError,
        OSError,
    ) as error:
        reason = " ".join(str(error).split())[:100]
        raise SketchFormatError(
            f"{name} is damaged or not made by sketch-rnn ({reason}); download it again"
        ) from None
    if not isinstance(array, np.ndarray):
        raise SketchFormatError(f"{name} holds a {type(array).__name__} instead of an array")
    return list(array.ravel())


class _ArrayUnpickler(pickle.Unpickler):
    """Rebuilds arrays of numbers or objects; every other name is refused before it is imported."""

    def find_class(self, module: str, name: str) -> Callable[..., object]:
        if module in PICKLED_BY and name == "_reconstruct":
            return _rebuild_array
        if (module, name) == ("numpy", "ndarray"):
            return np.ndarray
        if (module, name) == ("numpy", "dtype"):
            return _rebuild_dtype
        if (module, name) == ("_codecs", "encode"):
            return _encode_latin1
        raise pickle.UnpicklingError(f"{module[:40]}.{name[:40]} has no place in a sketch")


def _rebuild_array(kind: object, shape: object, code: object) -> np.ndarray:
    """An empty array; its state follows in the pickle."""
    if kind is not np.ndarray or shape != (0,) or code not in (b"b", "b"):
        raise pickle.UnpicklingError("an array begins with a shape")
    return np.ndarray((0,), np.int8)


def _rebuild_dtype(code: object, *_: object) -> np.dtype:
    if code not in {"O8", "O", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"}:
        raise pickle.UnpicklingError("a sketch is made of numbers")
    # A copy: the state that follows in the pickle must not change numpy's own dtype.
    return np.dtype(str(code), copy=True)


def _encode_latin1(text: object, encoding: object = "latin1") -> bytes:
    if not isinstance(text, str) or encoding != "latin1":
        raise pickle.UnpicklingError("bytes are written as latin1")
    return text.encode("latin1")


def _from_rows(rows: np.ndarray, name: str) -> Sketch:
    """Offsets to places; a stroke ends where the pen is lifted, or with the sketch."""
    points = np.cumsum(rows[:, :2], axis=0, dtype=np.float64)
    ends = np.flatnonzero(rows[:, 2] > 0) + 1
    if len(rows) and (not len(ends) or ends[-1] < len(rows)):
        ends = np.append(ends, len(rows))
    return build_sketch(points, np.diff(ends, prepend=0).tolist(), name)
