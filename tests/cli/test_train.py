import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from inkseek.cli.main import app
from inkseek.errors import RecipeError

RECIPE = """
system: {system}
name: tiny
backbone: mobilenetv2_035
weights: null
dim: 8
canvas_size: 32
photo_canvas_size: 32
early_sizes: []
early_shares: []
sets: ["pairs:{folder}"]
steps: 4
warmup: 1
validate_every: 2
save_every: 2
neighbourhood_weight: 0.0
plan: {{groups: 1, group_rows: 4, small_groups: 0, category_rows: 0}}
"""

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M1 1L9 {}"/></svg>'


@pytest.fixture
def recipe(tmp_path):
    for kind in ("photo", "sketch"):
        (tmp_path / kind).mkdir()
    for i in range(10):
        pixels = np.random.default_rng(i).integers(0, 255, (24, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"photo/{i}.png")
        (tmp_path / f"sketch/{i}.svg").write_text(SVG.format(i))
    path = tmp_path / "tiny.yaml"
    path.write_text(RECIPE.format(system="siamese", folder=tmp_path))
    return path


def train(recipe, *options):
    command = [sys.executable, "-m", "inkseek", "train", str(recipe), *options]
    folders = ["--runs", str(recipe.parent / "runs"), "--cache", str(recipe.parent / "cache")]
    return subprocess.run([*command, *folders], capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_two_devices_train_one_model_and_only_the_first_writes(recipe):
    found = train(recipe, "--devices", "2")
    assert found.returncode == 0, found.stderr
    run = recipe.parent / "runs" / "tiny"
    checkpoint = torch.load(run / "last.ckpt", map_location="cpu", weights_only=False)
    assert checkpoint["global_step"] == 4
    lines = (run / "val.jsonl").read_text().splitlines()
    assert len(lines) == 2
    assert all(json.loads(line) for line in lines)
    assert found.stdout.count("trained:") == 1


def test_a_system_of_one_device_says_so(tmp_path):
    path = tmp_path / "meta.yaml"
    path.write_text("system: photo_topology\nname: meta\n")
    found = CliRunner().invoke(app, ["train", str(path), "--devices", "2"])
    assert isinstance(found.exception, RecipeError)
    assert str(found.exception) == "meta trains on one device; leave out --devices"
