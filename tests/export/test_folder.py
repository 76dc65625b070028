"""The model that ships: its card, and parity of its three forms on real strokes and pixels."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from inkseek.assets import find_asset
from inkseek.card import hash_bytes, read_card
from inkseek.encoder import Encoder
from inkseek.models.backbones import (
    EmbeddingNet,
    create_backbone,
    num_features_of,
    scale_pixels,
)
from inkseek.raster.draw import draw_batch
from inkseek.raster.photo import decode_photo, fit_square
from inkseek.strokes.trace import trace_edges

FOLDER = find_asset("models/default")


@pytest.fixture(scope="module")
def images():
    """Sample photos and their traced edges, as the network sees them: each at its own size."""
    files = sorted(find_asset("samples").rglob("*.webp"))[::12][:32]
    pixels = [decode_photo(file).pixels for file in files]
    edges = [trace_edges(p.mean(axis=2).astype(np.uint8)) for p in pixels]
    card = read_card(FOLDER)
    drawn = [draw_batch([s for s in edges if s.strokes], side) for side in card.canvas_sizes]
    photos = np.stack([fit_square(p, card.photo_size) for p in pixels])
    return [photos.transpose(0, 3, 1, 2), *(np.repeat(d[:, None], 3, axis=1) for d in drawn)]


def test_every_file_is_the_one_on_the_card():
    card = read_card(FOLDER)
    for name, digest in card.files.items():
        assert hash_bytes((FOLDER / name).read_bytes()) == digest
    assert card.measurements, "the card has no measured figures"
    assert card.data, "the card names no training data"


@pytest.mark.slow
def test_fp32_equals_torch_within_1e_4(images):
    card = read_card(FOLDER)
    backbone = create_backbone(
        card.recipe["backbone"], weights=None, pad_type=card.recipe["pad_type"]
    )
    network = EmbeddingNet(backbone, num_features_of(backbone), card.dim).eval()
    state = {k: v.float() for k, v in load_file(FOLDER / "weights.safetensors").items()}
    network.load_state_dict(state)
    encoder = Encoder.load("default", precision="fp32")
    for batch in images:
        with torch.no_grad():
            expected = network(scale_pixels(torch.tensor(batch))).numpy()
        assert np.abs(encoder.embed_images(batch) - expected).max() <= 1e-4


@pytest.mark.slow
def test_int8_agrees_with_fp32_beyond_a_cosine_of_0_99(images):
    whole = Encoder.load("default", precision="fp32")
    small = Encoder.load("default", precision="int8")
    for batch in images:
        assert (whole.embed_images(batch) * small.embed_images(batch)).sum(1).min() > 0.99
