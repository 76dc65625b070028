"""A network small enough for double precision, and a batch for it."""

import numpy as np
import pytest
import torch
from torch import nn


@pytest.fixture
def tiny_network() -> nn.Module:
    """Two convolutions with batch norm, in double precision: images to 6 numbers."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 5, 3, stride=2),
        nn.BatchNorm2d(5),
        nn.Tanh(),
        nn.Conv2d(5, 6, 3),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )
    return network.double()


@pytest.fixture
def tiny_batch() -> dict[str, torch.Tensor]:
    """Five sketches of four photos, and two undrawn photos."""
    torch.manual_seed(1)
    identity = torch.tensor([3, 1, 4, 1, 5, 9, 2])
    features = np.random.default_rng(2).normal(size=(10, 3))
    distances = ((features[:, None] - features[None]) ** 2).mean(2)
    reference = torch.tensor(distances)[identity[:5]][:, identity]
    photos = torch.rand(10, 3, 12, 12, dtype=torch.float64)
    return {
        "sketch": torch.rand(5, 3, 12, 12, dtype=torch.float64),
        "photo": photos[identity[:5]],
        "undrawn": photos[identity[5:]],
        "identity": identity,
        "reference": reference,
        "seed": torch.tensor(7),
    }
