import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from inkseek.errors import ModelError
from inkseek.systems.sketchgloc.data import find_limits
from inkseek.systems.sketchgloc.folder import open_model, write_folder
from inkseek.systems.sketchgloc.network import SketchGloc
from inkseek.systems.sketchgloc.trained import (
    TrainedModel,
    encode_strokes,
    encode_training_sketches,
)


@pytest.fixture
def model(layouts, tiny):
    """As it is before its first step."""
    torch.manual_seed(0)
    limits = find_limits(tiny, layouts)
    untaught = TrainedModel(SketchGloc(tiny).eval(), tiny, layouts.scale, limits)
    return replace(untaught, steps=3, codes=encode_training_sketches(untaught, layouts))


@pytest.fixture
def folder(model, tmp_path):
    write_folder(model, tmp_path / "model")
    return tmp_path / "model"


def test_what_is_written_is_read_back(model, folder, layouts):
    again = open_model(folder)
    for name in ("config", "scale", "limits", "steps"):
        assert getattr(again, name) == getattr(model, name)
    assert list(again.codes) == list(layouts.names)
    sketches = [layouts.strokes(i) for i in range(5)]
    # Sixteen bits keep three digits.
    np.testing.assert_allclose(
        encode_strokes(again, sketches), encode_strokes(model, sketches), atol=0.02
    )
    for name, codes in model.codes.items():
        np.testing.assert_allclose(again.codes[name], codes, rtol=1e-3, atol=1e-3)


def test_codes_are_of_training_sketches_of_the_category(model, layouts):
    rows = [i for i in layouts.rows("train") if layouts.names[layouts.category[i]] == "tower"]
    expected = encode_strokes(model, [layouts.strokes(int(i)) for i in rows])
    np.testing.assert_allclose(model.codes["tower"], expected, atol=1e-6)


@pytest.mark.parametrize("name", ["weights.safetensors", "codes.safetensors"])
@pytest.mark.parametrize("damage", ["change", "remove"])
def test_a_file_that_is_not_the_cards_is_refused(folder, name, damage):
    path = folder / name
    path.write_bytes(path.read_bytes()[:-1] + b"?") if damage == "change" else path.unlink()
    with pytest.raises(ModelError, match=name):
        open_model(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"system": "siamese"}, "searches"),
        ({"scale": "wide"}, "scale"),
        ({"colour": 1}, "colour"),
    ],
)
def test_a_card_of_another_kind_is_refused(folder, change, said):
    card = folder / "card.json"
    card.write_text(json.dumps({**json.loads(card.read_text()), **change}))
    with pytest.raises(ModelError, match=said):
        open_model(folder)


def test_weights_of_another_recipe_are_refused(folder):
    card = folder / "card.json"
    tree = json.loads(card.read_text())
    tree["recipe"]["dec_rnn_size"] += 1
    card.write_text(json.dumps(tree))
    with pytest.raises(ModelError, match="does not fit"):
        open_model(folder)


def test_text_that_is_no_card_is_refused(folder):
    (folder / "card.json").write_text("tidy")
    with pytest.raises(ModelError, match="not a card"):
        open_model(folder)


def test_a_run_of_another_system_is_refused(tmp_path):
    with pytest.raises(ModelError, match="neither a run nor a model"):
        open_model(tmp_path)
    (tmp_path / "recipe.yaml").write_text("system: siamese\n")
    with pytest.raises(ModelError, match="run of siamese"):
        open_model(tmp_path)
