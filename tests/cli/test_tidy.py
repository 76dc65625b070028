import json
import sys

import numpy as np

from inkseek.strokes.readers import read_sketch


def test_whole_strokes_move_and_keep_their_shape(inkseek, sketch_model, drawing, tmp_path):
    out = tmp_path / "tidy.svg"
    code, said, _ = inkseek("tidy", drawing, "--model", sketch_model, "--out", out, "--json")
    assert code == 0
    report = json.loads(said)
    before, after = read_sketch(drawing), read_sketch(out)
    assert report["moves"][0] == [0, 0]
    assert np.any(report["moves"])
    for stroke, moved, move in zip(before.strokes, after.strokes, report["moves"], strict=True):
        np.testing.assert_allclose(moved, stroke + np.float32(move), atol=1e-3)


def test_says_how_far_strokes_were_moved(inkseek, sketch_model, drawing, tmp_path):
    out = tmp_path / "tidy.json"
    code, said, _ = inkseek("tidy", drawing, "--model", sketch_model, "--out", out)
    assert code == 0
    assert "of 3 strokes, the farthest by" in said
    assert out.is_file()


def test_a_redrawn_sketch_is_the_models(inkseek, sketch_model, drawing, tmp_path):
    out = tmp_path / "again.json"
    arguments = ("tidy", drawing, "--model", sketch_model, "--out", out, "--redraw", "--json")
    code, said, _ = inkseek(*arguments)
    assert code == 0
    assert json.loads(said)["strokes"] == len(json.loads(out.read_text())["strokes"])


def test_without_a_trained_run_it_says_how_to_train_one(inkseek, drawing, tmp_path):
    code, _, err = inkseek("tidy", drawing, "--model", tmp_path / "none", "--out", tmp_path / "x")
    assert code == 1
    assert "inkseek train recipes/sketchgloc/five.yaml" in err


def test_a_model_that_searches_does_not_draw(inkseek, tiny_model, drawing, tmp_path):
    code, _, err = inkseek("tidy", drawing, "--model", tiny_model, "--out", tmp_path / "x.svg")
    assert code == 1
    assert "searches" in err


def test_without_torch_it_says_what_to_install(inkseek, drawing, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "inkseek.systems.sketchgloc.folder", None)
    code, _, err = inkseek("tidy", drawing, "--out", tmp_path / "x.svg")
    assert code == 1
    assert "pip install inkseek[train]" in err
