"""A sketch model that has learnt nothing, but opens, draws and moves strokes like one that has."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def sketch_model(tmp_path_factory):
    """Its folder; it knows the categories `row` and `tower`."""
    import torch

    from inkseek.systems.sketchgloc.config import SketchGlocConfig
    from inkseek.systems.sketchgloc.data import Limits
    from inkseek.systems.sketchgloc.folder import write_folder
    from inkseek.systems.sketchgloc.network import SketchGloc
    from inkseek.systems.sketchgloc.trained import TrainedModel

    config = SketchGlocConfig(
        name="untaught",
        source="nowhere",
        categories=("row", "tower"),
        max_seq_len=12,
        enc_rnn_size=4,
        z_size=4,
        dec_model="lstm",
        dec_rnn_size=8,
        num_mixture=3,
    )
    torch.manual_seed(0)
    generator = np.random.default_rng(0)
    codes = {name: generator.normal(size=(5, 4)).astype(np.float32) for name in config.categories}
    model = TrainedModel(SketchGloc(config).eval(), config, 30.0, Limits(8, 6, 13), codes)
    folder = tmp_path_factory.mktemp("untaught")
    write_folder(model, folder)
    return folder


@pytest.fixture
def drawing(tmp_path):
    """An SVG of three lines."""
    path = tmp_path / "lines.svg"
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><path d="M10 0L10 100"/>'
        '<path d="M90 0L90 100"/><path d="M20 50L80 50L80 60"/></svg>'
    )
    return path
