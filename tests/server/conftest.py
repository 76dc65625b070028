"""A gallery of three photos of drawings, behind the service."""

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from inkseek.encoder import Encoder
from inkseek.gallery.store import Gallery
from inkseek.indexing import index_folders
from inkseek.raster.draw import draw
from inkseek.search import Searcher
from inkseek.server.app import create_app
from inkseek.strokes.sketch import Sketch

STROKES = {
    "across": [[0, 50], [100, 50]],
    "down": [[50, 0], [50, 100]],
    "corner": [[0, 0], [100, 0], [100, 90]],
}


@pytest.fixture(scope="session")
def searcher(tiny_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    photos = folder / "photos"
    photos.mkdir()
    for name, points in STROKES.items():
        ink = draw(Sketch((np.float32(points),), 100.0), 64, pen_width=0.05)
        Image.fromarray(np.repeat(ink[..., None], 3, axis=2)).save(photos / f"{name}.png")
    encoder = Encoder.load(tiny_model)
    url = str(folder / "gallery")
    gallery = Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    index_folders([photos], gallery, encoder, workers=1)
    return Searcher(gallery, encoder)


@pytest.fixture(scope="session")
def client(searcher):
    with TestClient(create_app(searcher), base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def drawn():
    """The body of a search for one of the drawings."""

    def make(name, **more):
        sketch = {"canvas_size": 100, "strokes": [STROKES[name]]}
        return {"sketch": sketch, **more}

    return make
