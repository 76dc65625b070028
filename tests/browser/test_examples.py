"""The examples of the start page, with what ships: a newcomer's first search must convince."""

import json

import pytest

from inkseek.assets import find_asset
from inkseek.encoder import Encoder
from inkseek.gallery.store import Gallery
from inkseek.indexing import index_folders
from inkseek.search import Searcher
from inkseek.strokes.readers.inkseek_json import from_json

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EXPECTED = {
    "Apple": "green-apple",
    "Glasses": "eyeglasses",
    "Mushroom": "mushroom",
    "Sailboat": "sailboat",
    "Umbrella": "umbrella",
}
NUM_SHOWN_FIRST = 7
"""Photos in the first two rows of the page."""


@pytest.fixture(scope="module")
def searcher(tmp_path_factory):
    encoder = Encoder.load()
    url = str(tmp_path_factory.mktemp("samples") / "gallery")
    gallery = Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    index_folders([find_asset("samples") / "photos"], gallery, encoder, workers=1)
    return Searcher(gallery, encoder)


def test_every_example_finds_what_it_shows(page, searcher):
    assert set(EXPECTED) == set(page.locator("#examples button").all_inner_texts())
    for name, photo in EXPECTED.items():
        with page.expect_request("**/api/search") as asked:
            page.get_by_role("button", name=name).click()
        sketch = {"format": "inkseek-sketch", "version": 1} | asked.value.post_data_json["sketch"]
        hits = searcher.search(from_json(json.dumps(sketch)), k=NUM_SHOWN_FIRST)
        assert photo in {hit.path.rpartition("/")[2].removesuffix(".webp") for hit in hits}, name
        page.keyboard.press("Delete")
