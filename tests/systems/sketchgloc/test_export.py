import numpy as np
import pytest
import torch

from inkseek.errors import ModelError
from inkseek.systems.sketchgloc.data import find_limits
from inkseek.systems.sketchgloc.export import export
from inkseek.systems.sketchgloc.folder import open_model
from inkseek.systems.sketchgloc.module import SketchGlocModule
from inkseek.systems.sketchgloc.trained import encode_training_sketches, load_model, store_codes
from inkseek.training.recipe import write_recipe


@pytest.fixture
def run(layouts, tiny, tmp_path):
    """A run that was stopped after a checkpoint."""
    folder = tmp_path / "run"
    folder.mkdir()
    write_recipe(tiny, "sketchgloc", folder / "recipe.yaml")
    module = SketchGlocModule(tiny, layouts.scale, find_limits(tiny, layouts))
    checkpoint = {"state_dict": module.state_dict()}
    module.on_save_checkpoint(checkpoint)
    torch.save(checkpoint, folder / "best.ckpt")
    return folder


def test_a_finished_run_brings_its_codes(run, layouts, tmp_path):
    store_codes(load_model(run), layouts, run)
    files = export(run, tmp_path / "model", cache=tmp_path)
    assert sorted(file.name for file in files) == ["codes.safetensors", "weights.safetensors"]
    assert {name: len(rows) for name, rows in open_model(tmp_path / "model").codes.items()} == {
        "row": 67,
        "tower": 67,
        "corner": 66,
    }


def test_an_unfinished_run_gets_them_from_its_sketches(run, layouts, tmp_path, monkeypatch):
    from inkseek.data import sequences as module

    asked = []
    monkeypatch.setattr(module, "load_sequences", lambda *a, **k: asked.append(a) or layouts)
    export(run, tmp_path / "model", cache=tmp_path)
    codes = open_model(tmp_path / "model").codes
    assert asked[0][1] == ("row", "tower", "corner")
    for name, expected in encode_training_sketches(load_model(run), layouts).items():
        np.testing.assert_allclose(codes[name], expected, rtol=1e-3, atol=1e-3)


def test_a_run_without_a_checkpoint_is_an_error(run, tmp_path):
    (run / "best.ckpt").unlink()
    with pytest.raises(ModelError, match=r"best\.ckpt"):
        export(run, tmp_path / "model", cache=tmp_path)
