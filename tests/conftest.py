"""What every test may use: the data folder, a fixed generator, a model or a reason to skip."""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import pytest
from fastapi import FastAPI
from hypothesis import settings
from onnx import TensorProto, helper

from inkseek.card import Calibration, ModelCard, SelectorCard, hash_bytes, read_card, write_card
from inkseek.encoder import Encoder
from inkseek.gallery.store import Gallery, PhotoRow
from inkseek.search import Searcher

ROOT = Path(__file__).parents[1]
STOP_SECONDS = 15

settings.register_profile("inkseek", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("inkseek")


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The research data (INKSEEK_DATA), which never travels with the project."""
    root = Path(os.environ.get("INKSEEK_DATA", ROOT.parent / "shared" / "data"))
    if not root.is_dir():
        pytest.skip(f"no research data at {root}; set INKSEEK_DATA to run this test")
    return root


@pytest.fixture(scope="session")
def weights_root() -> Path:
    """The ImageNet start weights (INKSEEK_WEIGHTS), which never travel with the project."""
    root = Path(os.environ.get("INKSEEK_WEIGHTS", ROOT.parent / "shared" / "weights"))
    if not root.is_dir():
        pytest.skip(f"no start weights at {root}; set INKSEEK_WEIGHTS to run this test")
    return root


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory) -> Path:
    """A real model folder whose network, a blurred picture of the ink, needs no training.

    It sees a photo of a drawing and the drawing itself alike, which is all that tests need.
    """
    folder = tmp_path_factory.mktemp("tiny-model")
    network = _draw_ink_network().SerializeToString()
    files = ("student.onnx", "student.int8.onnx")
    for name in files:
        (folder / name).write_bytes(network)
    card = ModelCard(
        name="tiny",
        dim=16,
        canvas_sizes=(32,),
        photo_size=32,
        pen_width=0.05,
        margin=0.0625,
        parameters=0,
        gflops={32: 1e-5},
        gflops_paper={32: 1e-5},
        calibration=Calibration(temperature=0.05, null_similarity=0.5, nothing_below=0.3),
        measurements=(),
        data=(),
        recipe={},
        files=dict.fromkeys(files, hash_bytes(network)),
    )
    write_card(card, folder)
    return folder


@pytest.fixture(scope="session")
def choosing_model(tiny_model, tmp_path_factory) -> Path:
    """The tiny model with four canvases and a selector: a GRU with random weights."""
    folder = tmp_path_factory.mktemp("choosing-model")
    sizes = (32, 64, 96, 128)
    card = read_card(tiny_model)
    for name in card.files:
        (folder / name).write_bytes((tiny_model / name).read_bytes())
    network = _draw_selector(len(sizes)).SerializeToString()
    (folder / "selector.onnx").write_bytes(network)
    choosing = card.model_copy(
        update={
            "canvas_sizes": sizes[::-1],
            "gflops": {size: size**2 * 1e-8 for size in sizes},
            "selector": SelectorCard(
                canvas_sizes=sizes,
                max_points=100,
                margin=0.0625,
                gflops_per_point=1e-7,
                shares=(0.25,) * 4,
            ),
            "files": {**card.files, "selector.onnx": hash_bytes(network)},
        }
    )
    write_card(choosing, folder)
    return folder


def _draw_selector(num_canvases: int, hidden: int = 16) -> onnx.ModelProto:
    """A GRU over rows, as torch computes it; its weights are strong, so that choices differ."""
    generator = np.random.default_rng(9)

    def weights(name: str, *shape: int, scale: float) -> TensorProto:
        values = generator.normal(0, scale, shape).astype(np.float32)
        return helper.make_tensor(name, TensorProto.FLOAT, shape, values.flatten())

    nodes = [
        helper.make_node("Transpose", ["rows"], ["steps"], perm=[1, 0, 2]),
        helper.make_node(
            "GRU", ["steps", "w", "r", "b"], ["", "last"], hidden_size=hidden, linear_before_reset=1
        ),
        helper.make_node("Squeeze", ["last", "first"], ["state"]),
        helper.make_node("MatMul", ["state", "head"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["policy"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "selector",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["batch", "length", 5])],
        [helper.make_tensor_value_info("policy", TensorProto.FLOAT, ["batch", num_canvases])],
        [
            weights("w", 1, 3 * hidden, 5, scale=1.0),
            weights("r", 1, 3 * hidden, hidden, scale=0.9),
            weights("b", 1, 6 * hidden, scale=0.5),
            weights("head", hidden, num_canvases, scale=6.0),
            helper.make_tensor("first", TensorProto.INT64, [1], [0]),
        ],
    )
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 18)])


@pytest.fixture(scope="session")
def photo_row():
    """Make a row of a gallery whose photo nobody opens."""

    def make(encoder, name, number, embedding, *, near_key, copies=()):
        return PhotoRow(
            photo_id=f"{number:032x}",
            path=f"/photos/{name}.jpg",
            width=10,
            height=10,
            taken_at=None,
            tags=(),
            near_key=near_key,
            copies=copies,
            file_size=1,
            modified_ns=1,
            embedding=embedding,
            model_digest=encoder.digest,
        )

    return make


@pytest.fixture
def crowd(tiny_model, tmp_path, photo_row, generator):
    """A searcher over sixty photos of no order, each unlike the others, and their embeddings."""
    encoder = Encoder.load(tiny_model)
    url = str(tmp_path / "crowd")
    gallery = Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    rows = generator.standard_normal((60, encoder.dim)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    keys = generator.integers(0, 2**63, len(rows)).tolist()
    gallery.upsert(
        [photo_row(encoder, str(i), i, rows[i], near_key=keys[i]) for i in range(len(rows))]
    )
    return Searcher(gallery, encoder), rows


def _draw_ink_network() -> onnx.ModelProto:
    """255 - gray, averaged over a 4 x 4 grid, to unit length."""
    nodes = [
        helper.make_node("Cast", ["image"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["white", "pixels"], ["ink"]),
        helper.make_node("ReduceMean", ["ink", "channel"], ["gray"], keepdims=1),
        helper.make_node("Shape", ["gray"], ["side"], start=2, end=3),
        helper.make_node("Div", ["side", "four"], ["cell"]),
        helper.make_node("Concat", ["all", "four", "cell", "four", "cell"], ["split"], axis=0),
        helper.make_node("Reshape", ["gray", "split"], ["within"]),
        helper.make_node("ReduceMean", ["within", "pixel"], ["cells"], keepdims=0),
        helper.make_node("Flatten", ["cells"], ["flat"]),
        helper.make_node("LpNormalization", ["flat"], ["embedding"], axis=1, p=2),
        # Each cell is a number of the embedding, so its part is that number and nothing else.
        helper.make_node("Unsqueeze", ["embedding", "last"], ["column"]),
        helper.make_node("Mul", ["column", "identity"], ["parts"]),
        helper.make_node("Reshape", ["parts", "grid"], ["places"]),
    ]
    shape = ["batch", 3, "side", "side"]
    graph = helper.make_graph(
        nodes,
        "ink",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, shape)],
        [
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", 16]),
            helper.make_tensor_value_info("places", TensorProto.FLOAT, ["batch", 4, 4, 16]),
        ],
        [
            helper.make_tensor("white", TensorProto.FLOAT, [], [255.001]),
            helper.make_tensor("channel", TensorProto.INT64, [1], [1]),
            helper.make_tensor("all", TensorProto.INT64, [1], [-1]),
            helper.make_tensor("four", TensorProto.INT64, [1], [4]),
            helper.make_tensor("pixel", TensorProto.INT64, [2], [2, 4]),
            helper.make_tensor("last", TensorProto.INT64, [1], [2]),
            helper.make_tensor("identity", TensorProto.FLOAT, [16, 16], np.eye(16).flatten()),
            helper.make_tensor("grid", TensorProto.INT64, [4], [-1, 4, 4, 16]),
        ],
    )
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 18)])


@pytest.fixture(scope="session")
def serve() -> Callable[[FastAPI], AbstractContextManager[str]]:
    """Run a service on a free port of this computer: its address."""
    return _serve


@contextmanager
def _serve(app: FastAPI) -> Iterator[str]:
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as listener:
        # A page may listen to events to the end.
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        run = partial(server.run, sockets=[listener])
        # What does not stop in time is left alone: it must not keep all tests from ending.
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(STOP_SECONDS)
        server.force_exit = True
        thread.join(STOP_SECONDS)


@pytest.fixture
def generator() -> np.random.Generator:
    """Randomness that is the same in every run."""
    return np.random.default_rng(0)


@pytest.fixture
def inkseek(monkeypatch, capsys):
    """Run `inkseek ARGS` in this process: (exit code, stdout, stderr)."""
    from inkseek.cli.main import main

    def run(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["inkseek", *map(str, args)])
        with pytest.raises(SystemExit) as stop:
            main()
        return int(stop.value.code or 0), *capsys.readouterr()

    return run
