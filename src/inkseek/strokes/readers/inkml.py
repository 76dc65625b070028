"""InkML (W3C Recommendation 2011): one stroke a `trace`, with times where a channel T has them.

Values may be differences to the point before, marked by ' (first) or " (second order; section
3.2.1). Contexts, brushes and mappings are left out: channels are X, Y unless a traceFormat says
otherwise. XML is parsed in a child process.
"""

import re
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from inkseek.errors import SketchFormatError
from inkseek.strokes.readers.confined import parse_confined
from inkseek.strokes.readers.limits import build_sketch, check_counts
from inkseek.strokes.readers.xml import MEMORY_BYTES, SECONDS, local_name, parse_xml
from inkseek.strokes.sketch import Sketch

VALUE = re.compile(r"""\s*(['"!]?)\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?|\*)\s*""")
"""A number or *, which repeats the point before, after an optional mark."""


@dataclass(frozen=True)
class Traces:
    """Values of all traces, one column a channel; `times` is the column of T, if any."""

    values: Float64[np.ndarray, "points channels"]
    lengths: list[int]
    axes: tuple[int, int]
    times: int | None


def parse_inkml(content: bytes, name: str) -> Sketch:
    """Parse a document.

    Raises:
        SketchFormatError: It is damaged, or draws no line.
        LimitError: It is too large, or takes too long.
    """
    traces = parse_confined(read_traces, content, name, seconds=SECONDS, memory_bytes=MEMORY_BYTES)
    if not traces.lengths:
        raise SketchFormatError(f"{name} draws no line; draw something first")
    times = None if traces.times is None else traces.values[:, traces.times]
    return build_sketch(traces.values[:, list(traces.axes)], traces.lengths, name, times=times)


def read_traces(content: bytes, name: str) -> Traces:
    """The part that runs in a child process."""
    root = parse_xml(content, name)
    channels = [
        (channel.get("name") or "").upper()
        for channel in root.iter("{*}channel")
        if local_name(channel.getparent()) != "intermittentChannels"
    ]
    channels = list(dict.fromkeys(channels)) or ["X", "Y"]
    if not {"X", "Y"} <= set(channels):
        raise SketchFormatError(f"{name} has no channels X and Y; save it with coordinates")
    rows: list[list[float]] = []
    lengths = []
    for number, trace in enumerate(root.iter("{*}trace")):
        where = f"{name}, trace {number + 1}"
        before = len(rows)
        rows += _read_trace(trace.text or "", len(channels), where)
        if len(rows) > before:
            lengths.append(len(rows) - before)
        check_counts(len(lengths), len(rows), name)
    values = np.array(rows, dtype=np.float64).reshape(len(rows), len(channels))
    times = channels.index("T") if "T" in channels else None
    return Traces(values, lengths, (channels.index("X"), channels.index("Y")), times)


def _read_trace(text: str, num_channels: int, where: str) -> list[list[float]]:
    rows: list[list[float]] = []
    value = [0.0] * num_channels
    speed = [0.0] * num_channels
    marks = ["!"] * num_channels
    for point in text.split(","):
        if not point.strip():
            continue
        parts = list(_split(point, where))
        if len(parts) < num_channels:
            raise SketchFormatError(
                f"{where} has a point of {len(parts)} values, but {num_channels} channels are "
                "declared; save it anew"
            )
        for i, (mark, text_value) in enumerate(parts[:num_channels]):
            # A mark holds until the next one, and * repeats the last value, speed or turn.
            marks[i] = mark or marks[i]
            if text_value == "*":
                value[i] += speed[i] if marks[i] != "!" else 0.0
                continue
            given = float(text_value)
            if marks[i] == "!":
                value[i] = given
            else:
                speed[i] = given + (speed[i] if marks[i] == '"' else 0.0)
                value[i] += speed[i]
        rows.append(list(value))
    return rows


def _split(point: str, where: str) -> list[tuple[str, str]]:
    parts = []
    place = 0
    while place < len(point):
        found = VALUE.match(point, place)
        if found is None:
            raise SketchFormatError(
                f"{where} has {point.strip()[:20]!r} where a point belongs; save it anew"
            )
        parts.append((found[1], found[2]))
        place = found.end()
    return parts
