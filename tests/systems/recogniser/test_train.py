import json
import logging
from dataclasses import replace

import numpy as np
import pytest
import torch

from inkseek.errors import DatasetError
from inkseek.metrics.generation import recognition_rate
from inkseek.systems.recogniser.train import fit, make_validation
from inkseek.systems.recogniser.trained import load_recogniser, score
from inkseek.training.loop import VALIDATION


class PowerFailure(Exception):
    pass


def fail(*_):
    raise PowerFailure


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Lightning warns of what its own libraries do
def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(
    tiny, polygons, tmp_path, monkeypatch
):
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    whole = fit(tiny, tmp_path / "whole", polygons)
    assert len((tmp_path / "whole" / VALIDATION).read_text().splitlines()) == 2
    parts = tmp_path / "parts"
    with monkeypatch.context() as patch:
        # The power fails at the validation after step 4; step 3 was the last to be saved.
        patch.setattr("inkseek.systems.recogniser.train.recognition_rate", fail)
        with pytest.raises(PowerFailure):
            fit(tiny, parts, polygons)
    last = fit(tiny, parts, polygons, resume=True)
    expected, actual = (torch.load(path, weights_only=True) for path in (whole, last))
    assert actual["global_step"] == expected["global_step"] == tiny.steps
    for name, value in expected["state_dict"].items():
        assert torch.equal(value, actual["state_dict"][name]), name


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_shapes_are_told_apart(tiny, polygons, tmp_path):
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    config = replace(tiny, steps=80, validate_every=50, save_every=100, dropout=0.1)
    fit(config, tmp_path, polygons)
    notes = [json.loads(line) for line in (tmp_path / VALIDATION).read_text().splitlines()]
    assert len(notes) == 2
    recogniser = load_recogniser(tmp_path)
    rows = polygons.rows("test")
    scores = score(recogniser, [polygons.sketches[int(i)] for i in rows])
    assert recognition_rate(scores, polygons.category[rows]) >= 0.9


def test_a_set_without_validation_sketches_is_an_error(tiny, polygons, tmp_path):
    bare = replace(polygons, split=np.zeros_like(polygons.split))
    with pytest.raises(DatasetError, match="validation"):
        make_validation(tiny, bare, tmp_path)
