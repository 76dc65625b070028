"""An empty gallery behind the service, with the small model."""

import pytest

from inkseek.encoder import Encoder
from inkseek.gallery.store import Gallery
from inkseek.search import Searcher


@pytest.fixture
def empty_searcher(tiny_model, tmp_path) -> Searcher:
    """A gallery without photos."""
    encoder = Encoder.load(tiny_model)
    url = str(tmp_path / "gallery")
    gallery = Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    return Searcher(gallery, encoder)
