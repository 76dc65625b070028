import logging
import warnings
from dataclasses import replace

import pytest
import torch

from inkseek.errors import ModelError
from inkseek.systems.sketchgloc.train import BEST, fit
from inkseek.systems.sketchgloc.trained import encode_strokes, load_model
from inkseek.training.loop import CHECKPOINT


@pytest.fixture(autouse=True)
def _quiet():
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # Lightning says that batches come from this process, and that folders are not empty.
        warnings.filterwarnings("ignore", module="lightning")
        yield


def weights(run, name=CHECKPOINT):
    return torch.load(run / name, weights_only=True)


@pytest.fixture
def config(tiny):
    # Dropout and code noise are on: their randomness must come back as well.
    return replace(tiny, re_scale=0.3, use_recurrent_dropout=True, num_steps=12)


@pytest.mark.slow
def test_a_resumed_run_is_an_uninterrupted_one(config, layouts, tmp_path):
    stop = 8
    fit(config, tmp_path / "whole", layouts)
    fit(replace(config, num_steps=stop), tmp_path / "parts", layouts)
    assert weights(tmp_path / "parts")["global_step"] == stop
    fit(config, tmp_path / "parts", layouts, resume=True)
    for name in (CHECKPOINT, BEST):
        whole, parts = (weights(tmp_path / run, name) for run in ("whole", "parts"))
        assert whole["global_step"] == parts["global_step"]
        for key, value in whole["state_dict"].items():
            assert torch.equal(value, parts["state_dict"][key]), key
        assert whole["lr_schedulers"] == parts["lr_schedulers"]


@pytest.mark.slow
def test_a_run_without_progress_stops_and_keeps_its_best(config, layouts, tmp_path):
    hopeless = replace(config, learning_rate=0.3, min_learning_rate=0.3, patience=1)
    fit(replace(hopeless, num_steps=60), tmp_path, layouts)
    steps = weights(tmp_path)["global_step"]
    assert steps < 60
    assert weights(tmp_path, BEST)["global_step"] == steps - 4


@pytest.mark.slow
def test_a_run_can_be_used(config, layouts, tmp_path):
    path = fit(replace(config, num_steps=4), tmp_path, layouts)
    model = load_model(path.parent)
    assert model.scale == layouts.scale
    assert {name: len(codes) for name, codes in model.codes.items()} == {
        "row": 67,
        "tower": 67,
        "corner": 66,
    }
    codes = encode_strokes(model, [layouts.strokes(0)])
    torch.testing.assert_close(codes[0], model.codes["row"][0], rtol=1e-4, atol=1e-5)


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"no best\.ckpt"):
        load_model(tmp_path)
