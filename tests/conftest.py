"""What every test may use: the data folder, a fixed generator, a model or a reason to skip."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]

settings.register_profile("inkseek", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("inkseek")


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The research data (INKSEEK_DATA), which never travels with the project."""
    root = Path(os.environ.get("INKSEEK_DATA", ROOT.parent / "shared" / "data"))
    if not root.is_dir():
        pytest.skip(f"no research data at {root}; set INKSEEK_DATA to run this test")
    return root


@pytest.fixture(scope="session")
def weights_root() -> Path:
    """The ImageNet start weights (INKSEEK_WEIGHTS), which never travel with the project."""
    root = Path(os.environ.get("INKSEEK_WEIGHTS", ROOT.parent / "shared" / "weights"))
    if not root.is_dir():
        pytest.skip(f"no start weights at {root}; set INKSEEK_WEIGHTS to run this test")
    return root


@pytest.fixture
def generator() -> np.random.Generator:
    """Randomness that is the same in every run."""
    return np.random.default_rng(0)
