"""Arrays of numbers from a pickle that nobody trusts.

A pickle is a program in disguise. This one may rebuild arrays and nothing else: every other name
is refused before it is imported.
"""

import pickle
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np

from inkseek.errors import SketchFormatError

PICKLED_BY = {"numpy.core.multiarray", "numpy._core.multiarray"}
"""Homes of numpy's function that rebuilds an array, in its version 1 and 2."""

OBJECTS = {"O", "O8"}
NUMBERS = {"i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"}
"""How numpy's pickles call them."""

NDARRAY = "ndarray"
"""Stands for the class, which is named but never called."""


def unpickle_arrays(file: BytesIO, what: str) -> object:
    """Containers and numbers as they are, and a `PickledArray` where the pickle has an array.

    Args:
        file: Read from where it stands.
        what: Begins the message of an error.

    Raises:
        SketchFormatError: The pickle is damaged, or wants anything but arrays.
    """
    try:
        content: object = _ArrayUnpickler(file, encoding="latin1").load()
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
        raise SketchFormatError(f"{what} ({reason}); download it again") from None
    return content


@dataclass
class _Kind:
    """What stands for a numpy dtype: its letter and size, then its byte order."""

    code: str
    order: str = "|"

    def __setstate__(self, state: tuple[object, ...]) -> None:
        _, order, *rest = state
        if order not in ("<", ">", "|", "=") or any(part is not None for part in rest[:3]):
            raise pickle.UnpicklingError("a sketch is made of plain numbers")
        self.order = str(order)


@dataclass
class PickledArray:
    """What stands for a numpy array: objects, or numbers."""

    content: list[object] | np.ndarray | None = None

    def __setstate__(self, state: tuple[object, ...]) -> None:
        _, shape, kind, is_fortran, data = state
        if not isinstance(kind, _Kind) or not isinstance(shape, tuple):
            raise pickle.UnpicklingError("an array has a shape and a kind of numbers")
        if kind.code in OBJECTS:
            if not isinstance(data, list):
                raise pickle.UnpicklingError("objects are written one by one")
            self.content = data
            return
        raw = data.encode("latin1") if isinstance(data, str) else data
        if not isinstance(raw, bytes):
            raise pickle.UnpicklingError("numbers are written as bytes")
        numbers = np.frombuffer(raw, np.dtype(f"{kind.order}{kind.code}"))
        self.content = numbers.reshape(shape, order="F" if is_fortran else "C")


class _ArrayUnpickler(pickle.Unpickler):
    """Rebuilds arrays of numbers or objects; every other name is refused before it is imported.

    Numpy itself never sees a pickled state: a forged one makes it take bytes for addresses.
    """

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401
        if module in PICKLED_BY and name == "_reconstruct":
            return self._begin_array
        if (module, name) == ("numpy", "ndarray"):
            return NDARRAY
        if (module, name) == ("numpy", "dtype"):
            return self._begin_kind
        if (module, name) == ("_codecs", "encode"):
            return self._encode
        raise pickle.UnpicklingError(f"{module[:40]}.{name[:40]} has no place in a sketch")

    def _begin_array(self, *_: object) -> PickledArray:
        return PickledArray()

    def _begin_kind(self, code: object, *_: object) -> _Kind:
        if not isinstance(code, str) or code not in {*OBJECTS, *NUMBERS}:
            raise pickle.UnpicklingError("a sketch is made of numbers")
        return _Kind(code)

    def _encode(self, text: object, encoding: object = "latin1") -> bytes:
        if not isinstance(text, str) or encoding != "latin1":
            raise pickle.UnpicklingError("bytes are written as latin1")
        return text.encode("latin1")
