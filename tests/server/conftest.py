"""A gallery of photos of drawings, behind the service."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from inkseek.encoder import Encoder
from inkseek.gallery.store import Gallery
from inkseek.indexing import index_folders, rebuild_gallery
from inkseek.raster.draw import draw
from inkseek.search import Searcher
from inkseek.server.app import create_app
from inkseek.strokes.sketch import Sketch

STROKES = {
    "across": [[0, 50], [100, 50]],
    "down": [[50, 0], [50, 100]],
    "corner": [[0, 0], [100, 0], [100, 90]],
}


def save_drawing(path: Path, points: object) -> Path:
    """A photo of a drawing."""
    ink = draw(Sketch((np.float32(points),), 100.0), 64, pen_width=0.05)
    Image.fromarray(np.repeat(ink[..., None], 3, axis=2)).save(path)
    return path


def open_searcher(model: Path, folder: Path, names: tuple[str, ...]) -> Searcher:
    """A gallery of the named drawings, in `folder`/gallery; the photos are in `folder`/photos."""
    photos = folder / "photos"
    photos.mkdir()
    for name in names:
        save_drawing(photos / f"{name}.png", STROKES[name])
    encoder = Encoder.load(model)
    url = str(folder / "gallery")
    gallery = Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    index_folders([photos], gallery, encoder, workers=1)
    return Searcher(gallery, encoder)


@pytest.fixture(scope="session")
def searcher(tiny_model, tmp_path_factory):
    return open_searcher(tiny_model, tmp_path_factory.mktemp("served"), tuple(STROKES))


@pytest.fixture
def tagged(library, tmp_path) -> Searcher:
    """The library with photos that carry keywords: sea, sea and dog, Sea."""
    for i, words in enumerate((["sea"], ["sea", "dog"], ["Sea"])):
        items = "".join(f"<rdf:li>{word}</rdf:li>" for word in words)
        xmp = (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:subject><rdf:Bag>{items}</rdf:Bag></dc:subject></rdf:Description></rdf:RDF>"
        )
        pixels = np.random.default_rng(i).integers(0, 256, (8, 8, 3), dtype=np.uint8)
        photo = Image.fromarray(pixels).resize((32, 32))
        photo.save(tmp_path / "photos" / f"tagged-{i}.jpg", xmp=xmp.encode())
    index_folders([tmp_path / "photos"], library.gallery, library.encoder, workers=1)
    return library


@pytest.fixture(scope="session")
def client(searcher):
    app = create_app(searcher)
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50_000)) as client:
        yield client


@pytest.fixture
def library(tiny_model, tmp_path) -> Searcher:
    """A gallery of one's own, of one photo; others may be put beside it."""
    return open_searcher(tiny_model, tmp_path, ("down",))


class OtherEncoder:
    """Another model, whose embeddings have another width."""

    digest = "f" * 16
    dim = 8
    photo_size = 32

    def embed_photos(self, photos):
        return np.tile(np.float32([1, 0, 0, 0, 0, 0, 0, 0]), (len(photos), 1))


@pytest.fixture
def foreign(library, add_photos) -> Searcher:
    """The library with three more photos, all indexed by another model."""
    add_photos(3)
    rebuild_gallery([], library.gallery, OtherEncoder(), workers=1)
    return library


@pytest.fixture
def add_photos(tmp_path) -> Callable[[int], list[Path]]:
    """Put so many new photos into the folder of `library`."""

    def add(count: int) -> list[Path]:
        ends = np.random.default_rng(count).uniform(0, 100, (count, 3, 2))
        return [
            save_drawing(tmp_path / "photos" / f"new-{i}.png", points)
            for i, points in enumerate(ends)
        ]

    return add


@pytest.fixture(scope="session")
def problem():
    """The text of an answer that must be a problem with a status."""

    def read(response, status: int) -> str:
        assert response.status_code == status, response.text
        assert response.headers["content-type"] == "application/problem+json"
        body = response.json()
        assert body["status"] == status
        assert "\n" not in body["detail"]
        return body["detail"]

    return read


@pytest.fixture
def drawn():
    """The body of a search for one of the drawings."""

    def make(name, **more):
        sketch = {"canvas_size": 100, "strokes": [STROKES[name]]}
        return {"sketch": sketch, **more}

    return make
