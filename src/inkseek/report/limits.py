"""What this machine can do at best: the rates that measured speeds are held against.

Every function runs on one thread and returns the best of several repeats, because a limit is
what the machine reaches when nothing disturbs it.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
import onnxruntime as ort

REPEATS = 7
SIDE = 512
SCAN_BYTES = 1 << 27


def multiply_add_rate() -> float:
    """INT8 multiply-adds a second of one core, from a square ONNX Runtime matrix product."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(
        _matrix_product_model(SIDE), options, providers=["CPUExecutionProvider"]
    )
    generator = np.random.default_rng(0)
    left = generator.integers(0, 255, (SIDE, SIDE), dtype=np.uint8)
    right = generator.integers(-127, 127, (SIDE, SIDE), dtype=np.int8)
    feeds = {"left": left, "right": right}
    return SIDE**3 / best_seconds(lambda: session.run(None, feeds))


def read_bandwidth() -> float:
    """Bytes a second that one core reads from memory, from a dot product of a large array."""
    values = np.ones(SCAN_BYTES // 4, dtype=np.float32)
    return SCAN_BYTES / best_seconds(lambda: np.dot(values, values))


def write_bandwidth() -> float:
    """Bytes a second that one core writes to memory, from filling a large array."""
    values = np.empty(SCAN_BYTES, dtype=np.uint8)
    return SCAN_BYTES / best_seconds(lambda: values.fill(255))


def import_seconds(modules: Sequence[str]) -> float:
    """Seconds that a fresh interpreter needs to import ``modules`` and to leave."""
    command = [sys.executable, "-c", f"import {', '.join(modules)}"]
    return best_seconds(lambda: subprocess.run(command, check=True, capture_output=True))


def indexing_rate(encoder_rate: float, decoder_rate: float, cores: int) -> float:
    r"""Photos a second at best, when each is decoded and then embedded by one thread.

    $$ \min(e, \; n / (1/e + 1/d)) $$

    One core does both in turn, so the encoder's own rate is out of its reach; with more cores
    decoding runs beside the encoder, which then is the narrowest place.
    """
    return min(encoder_rate, cores / (1 / encoder_rate + 1 / decoder_rate))


def best_seconds(task: Callable[[], object]) -> float:
    """Fastest of several runs of a task, after one to warm up."""
    task()
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        task()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def _matrix_product_model(side: int) -> bytes:
    """An ONNX model of one MatMulInteger, written field by field: `onnx` is no requirement here.

    The numbers are those of onnx.proto: in each call the first names the field.
    """
    uint8, int8, int32 = 2, 3, 6
    node = _text(1, "left") + _text(1, "right") + _text(2, "product") + _text(4, "MatMulInteger")
    inputs = _value(11, "left", uint8, side) + _value(11, "right", int8, side)
    graph = _block(1, node) + _text(2, "limit") + inputs + _value(12, "product", int32, side)
    return _number(1, 8) + _block(8, _number(2, 13)) + _block(7, graph)


def _value(field: int, name: str, element: int, side: int) -> bytes:
    shape = 2 * _block(1, _number(1, side))
    tensor = _number(1, element) + _block(2, shape)
    return _block(field, _text(1, name) + _block(2, _block(1, tensor)))


def _text(field: int, text: str) -> bytes:
    return _block(field, text.encode())


def _block(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    low, rest = value & 127, value >> 7
    return bytes([low | 128]) + _varint(rest) if rest else bytes([low])
