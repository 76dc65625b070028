"""A folder of small photos, a gallery for it, and a stand-in encoder."""

from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inkseek.gallery import Gallery
from inkseek.indexing import IndexSummary, index_folders

CHILD = Path(__file__).with_name("index_child.py")


@pytest.fixture(scope="session")
def encoder() -> object:
    """Mean colours as an embedding, without a model."""
    spec = spec_from_file_location("index_child", CHILD)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.GridEncoder()


@pytest.fixture
def gallery(tmp_path, encoder) -> Gallery:
    """An empty gallery."""
    url = str(tmp_path / "gallery")
    return Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)


@pytest.fixture
def photos(tmp_path) -> Path:
    """An empty folder for photos."""
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def save_photo() -> Callable[..., Path]:
    """Save a small photo whose content is that of its seed."""

    def save(path: Path, seed: int) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(seed).integers(0, 256, (4, 6, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((30, 20)).save(path)
        return path

    return save


@pytest.fixture
def index(gallery, encoder) -> Callable[..., IndexSummary]:
    """Index into the gallery, in small batches and with one process."""

    def run(*folders: Path, **options: object) -> IndexSummary:
        settings = {"workers": 1, "batch_size": 4, **options}
        return index_folders(list(folders), gallery, encoder, **settings)

    return run
