"""sketch-rnn .npz (Ha & Eck 2017): arrays `train`, `valid`, `test` of stroke-3 sketches.

Each is an array of objects, which numpy stores as a pickle: a program in disguise. It is read
by an unpickler that knows how to rebuild an array and nothing else (`pickled_arrays`), in a child
process.
"""

import zipfile
import zlib
from collections.abc import Iterator
from io import BufferedIOBase, BytesIO

import numpy as np

from inkseek.errors import LimitError, SketchFormatError
from inkseek.strokes.readers.confined import parse_confined
from inkseek.strokes.readers.limits import build_sketch
from inkseek.strokes.readers.pickled_arrays import PickledArray, unpickle_arrays
from inkseek.strokes.sketch import Sketch

PARTS = ("train.npy", "valid.npy", "test.npy")

MAX_ARCHIVE_BYTES = 128 * 2**20
"""Of a file; the largest category of the full data set has 60 MiB."""

MAX_UNPACKED_BYTES = 512 * 2**20
"""Of an array in it; a bomb unpacks to much more."""

MAX_EXPANSION = 64
"""Unpacked bytes a packed one, beyond the first SMALL_BYTES; real archives have about five."""

SMALL_BYTES = 16 * 2**20

SECONDS = 4.0
SECONDS_PER_MIB = 0.5
"""Time to unpack and rebuild, four times what real archives take."""

MEMORY_BYTES = 2 * 2**30


def read_sketch_rnn(file: BufferedIOBase, name: str) -> Iterator[Sketch]:
    """Every sketch: training, validation and test part in turn."""
    content = file.read(MAX_ARCHIVE_BYTES + 1)
    if len(content) > MAX_ARCHIVE_BYTES:
        raise LimitError(f"{name} is larger than {MAX_ARCHIVE_BYTES >> 20} MiB; split it")
    rows, lengths = parse_confined(
        load_rows,
        content,
        name,
        seconds=SECONDS + SECONDS_PER_MIB * len(content) / 2**20,
        memory_bytes=MEMORY_BYTES,
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
            room = min(MAX_UNPACKED_BYTES, SMALL_BYTES + MAX_EXPANSION * len(content))
            sketches = [
                sketch
                for member in members
                for sketch in _load_objects(_unpack(archive, member, room, name), name)
            ]
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError):
        raise SketchFormatError(f"{name} is a damaged archive; download it again") from None
    arrays = []
    for i, sketch in enumerate(sketches):
        rows = sketch.content if isinstance(sketch, PickledArray) else None
        if not isinstance(rows, np.ndarray) or rows.ndim != 2 or rows.shape[1] != 3:
            raise SketchFormatError(
                f"{name}: sketch {i} is not an array of rows (dx, dy, pen lifted)"
            )
        arrays.append(rows)
    lengths = [len(rows) for rows in arrays]
    return np.concatenate([np.zeros((0, 3), np.int16), *arrays]), lengths


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, room: int, name: str) -> bytes:
    """The declared size may lie, so what really comes out is counted."""
    with archive.open(member) as packed:
        data = packed.read(room + 1)
    if len(data) > room:
        raise LimitError(
            f"{name}: {member.filename} unpacks to more than {room >> 20} MiB; "
            "only sketch-rnn archives are read"
        )
    return data


def _load_objects(data: bytes, name: str) -> list[object]:
    """The elements of a .npy of objects."""
    file = BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0
        read = read if version == (1, 0) else np.lib.format.read_array_header_2_0
        _, _, dtype = read(file)
        if not dtype.hasobject:
            raise SketchFormatError(f"{name} holds numbers instead of one array a sketch")
    except SketchFormatError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, EOFError, OSError) as error:
        reason = " ".join(str(error).split())[:100]
        raise SketchFormatError(
            f"{name} is damaged or not made by sketch-rnn ({reason}); download it again"
        ) from None
    array = unpickle_arrays(file, f"{name} is damaged or not made by sketch-rnn")
    if not isinstance(array, PickledArray) or not isinstance(array.content, list):
        raise SketchFormatError(f"{name} holds something else than an array of sketches")
    return array.content


def _from_rows(rows: np.ndarray, name: str) -> Sketch:
    """Offsets to places; a stroke ends where the pen is lifted, or with the sketch."""
    points = np.cumsum(rows[:, :2], axis=0, dtype=np.float64)
    ends = np.flatnonzero(rows[:, 2] > 0) + 1
    if len(rows) and (not len(ends) or ends[-1] < len(rows)):
        ends = np.append(ends, len(rows))
    return build_sketch(points, np.diff(ends, prepend=0).tolist(), name)
