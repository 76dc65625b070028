"""JSON of unknown origin to Python values, within limits."""

import json

from inkseek.errors import LimitError, SketchFormatError
from inkseek.strokes.readers.limits import MAX_POINTS, check_size

MAX_VALUES = 10 * MAX_POINTS
"""Each follows a comma or opens a bracket, so counting these bounds the memory beforehand."""


def load_json(content: bytes, name: str) -> object:
    """Parse a document that is small enough.

    Raises:
        SketchFormatError: It is not JSON, or nested too deeply.
        LimitError: It holds more values than a sketch can.
    """
    check_size(len(content), name)
    if sum(map(content.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise LimitError(f"{name} has more than {MAX_VALUES:,} values; simplify the sketch")
    try:
        # The answer is object, since nothing is known about it.
        value: object = json.loads(content)
    except RecursionError:
        raise SketchFormatError(f"{name} is nested too deeply to be a sketch") from None
    except ValueError as error:
        # JSONDecodeError, UnicodeDecodeError, and numbers of thousands of digits.
        reason = " ".join(str(error).split())[:100]
        raise SketchFormatError(f"{name} is not valid JSON ({reason}); save it anew") from None
    return value
