import json
import sys

import numpy as np
import pytest
from PIL import Image

from inkseek.raster.draw import draw
from inkseek.strokes.sketch import Sketch

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
    '<path d="M10 0L10 100"/><path d="M90 0L90 100"/></svg>'
)


@pytest.fixture
def files(tmp_path):
    """Two lines, and a photo that shows the right one and a line along the top."""
    sketch, photo = tmp_path / "lines.svg", tmp_path / "corner.png"
    sketch.write_text(SVG)
    ink = draw(Sketch((np.float32([[0, 0], [100, 0], [100, 90]]),), 100.0), 64, pen_width=0.05)
    Image.fromarray(np.repeat(ink[..., None], 3, axis=2)).save(photo)
    return sketch, photo


def test_the_stroke_that_adds_most_is_named_first(inkseek, tiny_model, files):
    code, out, _ = inkseek("explain", *files, "--model", tiny_model)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("similarity ")
    assert "stroke   2  +" in lines[1]
    assert "stroke   1  -" in lines[2]


def test_json_and_picture_say_the_same_match(inkseek, tiny_model, files, tmp_path):
    picture = tmp_path / "why.png"
    code, out, _ = inkseek("explain", *files, "--model", tiny_model, "--json", "--out", picture)
    answer = json.loads(out)
    assert code == 0
    assert [row["stroke"] for row in answer["strokes"]] == [0, 1]
    assert np.sum(answer["photo"]) == pytest.approx(answer["similarity"], abs=1e-4)
    with Image.open(picture) as drawn:
        assert drawn.width > drawn.height


def test_the_drawing_made_of_patches_of_the_photo(inkseek, tiny_model, files, tmp_path):
    picture = tmp_path / "patches.png"
    code, out, _ = inkseek(
        "explain", *files, "--model", tiny_model, "--json", "--synthesise", picture
    )
    patches = json.loads(out)["patches"]
    assert code == 0
    assert set(patches[0]) == {"sketch", "photo", "similarity", "mutual"}
    # The lines run down the left and the right column of 4 x 4 places.
    assert {patch["sketch"][0] for patch in patches} == {0.0, 0.75}
    with Image.open(picture) as drawn:
        assert drawn.width > 2 * drawn.height


@pytest.fixture(scope="module")
def zse_run(tmp_path_factory):
    """A run of ZSE that has learnt nothing."""
    import torch
    from safetensors.torch import save_file

    from inkseek.systems.zse.config import NetworkConfig, ZseConfig
    from inkseek.systems.zse.network import ZseNetwork
    from inkseek.training.recipe import write_recipe

    network = NetworkConfig(
        trunk="convnet",
        backbone="mobilenetv2_035",
        image_size=64,
        dim=16,
        depth=1,
        heads=2,
        tokenizer_widths=(4, 4, 4),
        cross_heads=2,
        cross_hidden=16,
        anchors=4,
        anchor_dim=8,
    )
    folder = tmp_path_factory.mktemp("zse")
    write_recipe(ZseConfig("untaught", network=network), "zse", folder / "recipe.yaml")
    torch.manual_seed(0)
    save_file(ZseNetwork(network, load=False).state_dict(), folder / "best.safetensors")
    return folder


def test_a_run_explains_by_its_relation_score(inkseek, zse_run, files, tmp_path):
    why, patches = tmp_path / "why.png", tmp_path / "patches.png"
    options = ("--run", zse_run, "--out", why, "--synthesise", patches)
    code, out, _ = inkseek("explain", *files, *options, "--json")
    answer = json.loads(out)
    assert code == 0
    assert 0 < answer["score"] < 1
    assert np.sum(answer["photo"]) == pytest.approx(answer["similarity"], abs=1e-4)
    assert [row["stroke"] for row in answer["strokes"]] == [0, 1]
    assert len(answer["patches"]) == 4
    for picture in (why, patches):
        with Image.open(picture) as drawn:
            assert drawn.width > drawn.height
    code, out, _ = inkseek("explain", *files, "--run", zse_run)
    assert out.startswith(f"score {answer['score']:.3f}; similarity ")


def test_a_folder_that_is_no_run_of_zse_is_said_to_be_none(inkseek, files, tmp_path):
    code, _, err = inkseek("explain", *files, "--run", tmp_path)
    assert code == 1
    assert "is no run, it has no recipe.yaml; make one with" in err
    (tmp_path / "recipe.yaml").write_text("system: siamese\nname: other\n")
    code, _, err = inkseek("explain", *files, "--run", tmp_path)
    assert code == 1
    assert "is a run of siamese; pass one of zse" in err


def test_without_torch_one_line_says_what_to_install(inkseek, zse_run, files, monkeypatch):
    monkeypatch.delitem(sys.modules, "inkseek.systems.zse.explain", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    code, _, err = inkseek("explain", *files, "--run", zse_run)
    assert code == 1
    assert "a run needs torch" in err
    assert "pip install inkseek[train]" in err
    assert len(err.splitlines()) == 1
