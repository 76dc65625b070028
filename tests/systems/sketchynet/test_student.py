"""A student on tiny canvases, taught by a tiny network with weights of its own."""

import json

import numpy as np
import pytest
import torch

from inkseek.data.sampler import BatchPlan
from inkseek.errors import RecipeError
from inkseek.models.backbones import EmbeddingNet, create_backbone, num_features_of
from inkseek.systems.sketchynet.config import StudentConfig
from inkseek.systems.sketchynet.student import StudentModule, create_student
from inkseek.systems.sketchynet.student_data import StudentStream
from inkseek.systems.sketchynet.train_student import fit
from inkseek.training.loop import CHECKPOINT
from inkseek.training.recipe import RECIPE
from inkseek.training.trained import Teacher

BACKBONE = "mobilenetv2_035"
PLAN = BatchPlan(groups=1, group_rows=8, small_groups=0, category_rows=0)


@pytest.fixture(scope="module")
def teacher():
    torch.manual_seed(7)
    backbone = create_backbone(BACKBONE, weights=None, pad_type="same")
    network = EmbeddingNet(backbone, num_features_of(backbone), 8)
    return Teacher(network, canvas_size=64, photo_size=64)


def student(**changes):
    options = {
        "backbone": BACKBONE,
        "weights": None,
        "dim": 8,
        "canvas_sizes": (32, 64),
        "photo_canvas_size": 32,
        "steps": 4,
        "warmup": 1,
        "validate_every": 100,
        "plan": PLAN,
    }
    return StudentConfig("student", teachers=("unused",), **{**options, **changes})


def test_every_canvas_shows_the_same_sketches(shapes):
    stream = StudentStream(student(), [shapes], (32, 64), 40)
    batch = stream.batch(3)
    assert batch["sketch-32"].shape == (8, 3, 32, 32)
    assert batch["sketch-64"].shape == (8, 3, 64, 64)
    ink = [255.0 - batch[f"sketch-{size}"].float().mean((1, 2, 3)) for size in (32, 64)]
    assert np.corrcoef(ink[0], ink[1])[0, 1] > 0.9
    again = StudentStream(student(), [shapes], (32, 64), 40).batch(3)
    assert all(torch.equal(batch[key], again[key]) for key in batch)


@pytest.mark.parametrize("norms", ["shared", "by_canvas"])
@pytest.mark.parametrize("relations", ["triplet", "batch"])
def test_the_teacher_learns_nothing_and_the_student_everywhere(shapes, teacher, norms, relations):
    config = student(norms=norms, relations=relations)
    module = StudentModule(config, teacher)
    module.log_dict = lambda *_, **__: None  # there is no trainer to log to
    before = {k: v.clone() for k, v in teacher.network.state_dict().items()}
    module.train()
    module.on_train_batch_start(None, 0)
    loss = module.training_step(StudentStream(config, [shapes], (32, 64), 64).batch(0), 0)
    loss.backward()
    assert torch.isfinite(loss)
    assert all(torch.equal(v, before[k]) for k, v in teacher.network.state_dict().items())
    assert not any(p.requires_grad for p in teacher.network.parameters())
    assert not any("teacher" in key for key in module.state_dict())
    silent = [n for n, p in module.named_parameters() if p.grad is None]
    assert not silent


def test_a_student_that_is_its_own_teacher_has_nothing_to_be_taught(shapes, teacher):
    config = student(canvas_sizes=(64,), photo_canvas_size=64, distil_weight=1.0)
    module = StudentModule(config, teacher)
    module.log_dict = lambda *_, **__: None
    module.network.load_state_dict(teacher.network.state_dict())
    module.eval()
    loss = module.training_step(StudentStream(config, [shapes], (64,), 64).batch(0), 0)
    assert loss.item() == pytest.approx(0.0, abs=1e-9)


def test_canvases_must_rise():
    with pytest.raises(RecipeError, match="must rise"):
        student(canvas_sizes=(64, 32))


def test_the_usual_canvas_is_the_largest_unless_the_recipe_says_otherwise():
    sizes = (32, 64, 96)
    assert student(canvas_sizes=sizes).canvases_by_use == (96, 64, 32)
    assert student(canvas_sizes=sizes, usual_canvas_size=64).canvases_by_use == (64, 96, 32)
    with pytest.raises(RecipeError, match="usual_canvas_size is 48"):
        student(canvas_sizes=sizes, usual_canvas_size=48)


@pytest.fixture
def headless(tmp_path):
    """A finished run whose embedding is its pooled features."""
    torch.manual_seed(11)
    backbone = create_backbone(BACKBONE, weights=None, pad_type="same")
    width = num_features_of(backbone)
    network = EmbeddingNet(backbone, width, width, head=False)
    run = tmp_path / "headless"
    run.mkdir()
    recipe = {"backbone": BACKBONE, "pad_type": "same", "head": False, "dim": width}
    sizes = {"canvas_size": 64, "photo_canvas_size": 64}
    (run / RECIPE).write_text(json.dumps(recipe | sizes), encoding="utf-8")
    state = {f"network.{key}": value for key, value in network.state_dict().items()}
    torch.save({"state_dict": state}, run / CHECKPOINT)
    return run, network


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Lightning warns of what its own libraries do
def test_a_start_without_a_head_gets_one_of_orthonormal_axes(shapes, teacher, headless, tmp_path):
    run, origin = headless
    config = student(start=str(run), steps=1, learning_rate=0.0)
    last = fit(config, tmp_path / "run", [shapes], teacher)
    state = torch.load(last, weights_only=False)["state_dict"]
    head = state["network.head.weight"]
    torch.testing.assert_close(head @ head.T, torch.eye(8), atol=1e-4, rtol=0)
    for name, value in origin.backbone.state_dict().items():
        torch.testing.assert_close(state[f"network.backbone.{name}"], value, msg=name)


def test_a_start_whose_head_has_another_width_is_refused(headless):
    run, _ = headless
    recipe = json.loads((run / RECIPE).read_text(encoding="utf-8"))
    backbone = create_backbone(BACKBONE, weights=None, pad_type="same")
    network = EmbeddingNet(backbone, num_features_of(backbone), 5)
    (run / RECIPE).write_text(json.dumps(recipe | {"head": True, "dim": 5}), encoding="utf-8")
    state = {f"network.{key}": value for key, value in network.state_dict().items()}
    torch.save({"state_dict": state}, run / CHECKPOINT)
    with pytest.raises(RecipeError, match="of width 5"):
        create_student(student(start=str(run)))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Lightning warns of what its own libraries do
def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(shapes, teacher, tmp_path):
    torch.set_num_threads(1)
    config = student(norms="by_canvas", save_every=2)
    whole = fit(config, tmp_path / "whole", [shapes], teacher)
    fit(student(norms="by_canvas", stop_step=2), tmp_path / "parts", [shapes], teacher)
    parts = fit(config, tmp_path / "parts", [shapes], teacher, resume=True)
    expected, actual = (torch.load(p, weights_only=False) for p in (whole, parts))
    assert actual["global_step"] == expected["global_step"] == 4
    for key in ("state_dict", "current_model_state"):
        for name, value in expected[key].items():
            torch.testing.assert_close(actual[key][name], value, rtol=0, atol=0, msg=name)
