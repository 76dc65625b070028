"""From a student's run to a model folder that chooses its canvases: V2 in small."""

import dataclasses
import json

import numpy as np
import pytest

from inkseek.card import read_card
from inkseek.data.pack import PackedSet
from inkseek.encoder import Encoder
from inkseek.errors import ModelError, RecipeError
from inkseek.systems.registry import find_system
from inkseek.systems.sketchynet import export as export_module
from inkseek.systems.sketchynet import selector_run
from inkseek.systems.sketchynet.outcomes import Outcomes
from inkseek.systems.sketchynet.selector_run import SelectorRunConfig, choose_weight
from inkseek.systems.sketchynet.train_selector import SelectorConfig, SelectorFigures
from inkseek.systems.sketchynet.train_student import fit
from inkseek.training.loop import CHECKPOINT

from .test_student import student, teacher  # noqa: F401 - a fixture


def figures(acc_at_1, cost):
    return SelectorFigures(acc_at_1, reward=0.0, cost=cost, shares=(1.0,))


def test_the_cheapest_that_keeps_enough_is_chosen():
    config = SelectorRunConfig("s", student="none", keeps=0.9)
    ranks = np.array([[[1, 5, 5, 5, 5], [1, 1, 1, 1, 2]]])
    val = Outcomes(ranks, np.zeros(ranks.shape, dtype=np.float32))
    trained = {0.1: figures(0.8, 3.0), 0.2: figures(0.74, 2.0), 0.3: figures(0.7, 1.0)}
    assert choose_weight(config, val, trained) == 0.2
    assert choose_weight(dataclasses.replace(config, keeps=0.5), val, trained) == 0.3
    assert choose_weight(dataclasses.replace(config, keeps=1.1), val, trained) == 0.1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"compute_weights": ()}, "compute_weights is empty"),
        ({"levels": (100, 50)}, "must rise to 100"),
        ({"levels": (50,)}, "must rise to 100"),
        ({"selector": SelectorConfig(kind="image")}, "only gru and lstm"),
    ],
)
def test_a_recipe_that_cannot_be_trained_says_why(change, message):
    with pytest.raises(RecipeError, match=message):
        SelectorRunConfig("s", student="none", **change)


@pytest.fixture(scope="module")
def split_shapes(shapes) -> PackedSet:
    """Every fourth photo, with its sketches, is for validation."""

    def split(ref, photo):
        return dataclasses.replace(ref, split="val" if photo % 4 == 0 else "train")

    pairs = dataclasses.replace(
        shapes.pairs,
        photos=tuple(split(p, i) for i, p in enumerate(shapes.pairs.photos)),
        sketches=tuple(split(s, s.photo) for s in shapes.pairs.sketches),
    )
    return dataclasses.replace(shapes, pairs=pairs)


@pytest.fixture(scope="module")
def runs(split_shapes, teacher, tmp_path_factory):  # noqa: F811
    folder = tmp_path_factory.mktemp("runs")
    fit(student(sets=("shoes",), steps=2), folder / "student", [split_shapes], teacher)
    return folder


@pytest.fixture
def loaded(monkeypatch, split_shapes):
    for module in (selector_run, export_module):
        monkeypatch.setattr(module, "load_sets", lambda *_, **__: [split_shapes])


def run_config(runs, **changes):
    options = {"compute_weights": (0.1, 0.9), "levels": (50, 100)}
    selector = SelectorConfig(epochs=2, batch_size=8)
    return SelectorRunConfig(
        "selector", str(runs / "student"), selector=selector, **{**options, **changes}
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Lightning warns of what its own libraries do
def test_a_selector_is_trained_exported_and_searches(runs, loaded, split_shapes, tmp_path):
    run = tmp_path / "selector"
    train = find_system("sketchynet_selector").train
    assert train(run_config(runs), run, cache=tmp_path).is_file()
    report = json.loads((run / "frontier.json").read_text())
    assert report["queries"] == 8
    assert len(report["fixed"]) == 2
    assert set(report["selectors"]) == {"0.1", "0.9"}
    best = report["oracle"]["acc_at_1"]
    assert all(best >= row["acc_at_1"] for row in report["fixed"])

    files = export_module.export_selector(run, tmp_path / "model", cache=tmp_path)
    assert {f.name for f in files} >= {"selector.onnx", "student.onnx", "student.int8.onnx"}
    card = read_card(tmp_path / "model")
    assert card.canvas_sizes == (64, 32)
    assert card.selector.canvas_sizes == (32, 64)
    assert set(card.gflops) == {32, 64}
    assert card.calibration.slope != 1.0
    encoder = Encoder.load(tmp_path / "model", precision="fp32")
    drawings = [split_shapes.sketches[i] for i in range(6)]
    sizes = encoder.choose_canvases(drawings)
    assert set(sizes.tolist()) <= {32, 64}
    by_hand = [encoder.embed_drawn([d], int(s))[0] for d, s in zip(drawings, sizes, strict=True)]
    np.testing.assert_allclose(encoder.embed_sketches(drawings), by_hand, atol=1e-5)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_student_is_measured_once(runs, loaded, tmp_path, monkeypatch):
    config = run_config(runs, compute_weights=(0.5,))
    train = find_system("sketchynet_selector").train
    train(config, tmp_path / "one", cache=tmp_path)
    measured = list(tmp_path.glob("outcomes-*.npz"))
    assert len(measured) == 1
    monkeypatch.setattr("inkseek.systems.sketchynet.measured._measure_split", None)
    train(config, tmp_path / "two", cache=tmp_path)
    one, two = (json.loads((tmp_path / n / "frontier.json").read_text()) for n in ("one", "two"))
    assert one == two


def test_a_run_without_a_selector_is_an_error(tmp_path):
    (tmp_path / "recipe.yaml").write_text("system: sketchynet_selector\nname: s\nstudent: x\n")
    with pytest.raises(ModelError, match=r"no selector\.safetensors"):
        export_module.export_selector(tmp_path, tmp_path / "out", cache=tmp_path)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_norms_of_every_canvas_cannot_be_exported(split_shapes, teacher, loaded, tmp_path):  # noqa: F811
    config = student(sets=("shoes",), steps=1, norms="by_canvas")
    last = fit(config, tmp_path / "student", [split_shapes], teacher)
    assert last.name == CHECKPOINT
    with pytest.raises(ModelError, match="norms=shared"):
        export_module.export_student(tmp_path / "student", tmp_path / "out", cache=tmp_path)
