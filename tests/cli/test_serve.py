import subprocess
import sys

import numpy as np
import pytest
from fastapi.testclient import TestClient

from inkseek.cli.sketch_model import find_drawing_model
from inkseek.encoder import Encoder
from inkseek.gallery.store import Gallery
from inkseek.search import Searcher
from inkseek.server.app import create_app
from inkseek.strokes.readers import read_sketch


@pytest.fixture
def models():
    """What each service was given to draw with."""
    return []


@pytest.fixture
def served(monkeypatch, models):
    served = []

    def run_server(searcher, listener, access, *, watch, drawing_model, open_page):
        models.append(drawing_model)
        served.append((searcher, open_page, listener.getsockname()[0], access))
        listener.close()

    monkeypatch.setattr("inkseek.cli.web.run_server", run_server)
    return served


def test_serves_a_gallery_with_its_model(inkseek, served, tiny_model, tmp_path):
    encoder = Encoder.load(tiny_model)
    url = str(tmp_path / "gallery")
    Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    code, _, err = inkseek("serve", "--gallery", url, "--model", tiny_model, "--port", "0")
    assert (code, err) == (0, "")
    searcher, open_page, host, access = served[0]
    assert searcher.gallery.url == url
    assert open_page
    assert host == "127.0.0.1"
    assert access.token is None


def test_another_address_needs_a_token_which_is_made(inkseek, served, tiny_model, tmp_path):
    encoder = Encoder.load(tiny_model)
    url = str(tmp_path / "gallery")
    Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    options = ("--gallery", url, "--model", tiny_model, "--port", "0", "--host", "0.0.0.0")
    assert inkseek("serve", *options)[0] == 0
    assert inkseek("serve", *options, "--token", "of-my-own-making")[0] == 0
    (*_, host, access), (*_, chosen) = served
    assert host == "0.0.0.0"
    assert len(access.token) >= 32
    assert chosen.token == "of-my-own-making"


def test_a_gallery_of_another_model_is_served_to_be_rebuilt(inkseek, served, tiny_model, tmp_path):
    url = str(tmp_path / "gallery")
    Gallery.open(url, model_digest="another", dim=4, create=True)
    code, _, err = inkseek("serve", "--gallery", url, "--model", tiny_model, "--port", "0")
    assert code == 0
    assert "Rebuild in the library" in err
    assert served[0][0].gallery.url == url


def test_a_gallery_that_is_not_there_is_an_error(inkseek, served, tiny_model, tmp_path):
    code, _, err = inkseek("serve", "--gallery", tmp_path / "none", "--model", tiny_model)
    assert code == 1
    assert "no gallery at" in err
    assert served == []


@pytest.fixture
def gallery(tiny_model, tmp_path):
    encoder = Encoder.load(tiny_model)
    url = str(tmp_path / "gallery")
    Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    return url


def test_tidies_with_a_model_if_given_one(
    inkseek, served, models, tiny_model, sketch_model, gallery, drawing
):
    options = ("--gallery", gallery, "--model", tiny_model, "--port", "0")
    assert inkseek("serve", *options)[0] == 0
    assert inkseek("serve", *options, "--tidy", sketch_model)[0] == 0
    assert models[0] is None
    before = read_sketch(drawing)
    model = models[1]
    after = model.tidy(before)
    assert [len(stroke) for stroke in after.strokes] == [len(stroke) for stroke in before.strokes]
    np.testing.assert_array_equal(after.strokes[0], before.strokes[0])
    assert not np.allclose(after.strokes[1], before.strokes[1])
    suggested = model.suggest(before, 3, 0)
    assert len(suggested) <= 3
    assert all(each.canvas_size == before.canvas_size for each in suggested)
    assert model.categories() == ["row", "tower"]
    for like in (before, "row"):
        assert len(model.generate(like, 2, 0, 0.5)) == 2
    assert len(model.interpolate(before, after, 3)) == 3


def test_the_model_that_tidies_is_looked_for_at_once(
    inkseek, served, tiny_model, gallery, tmp_path, monkeypatch
):
    options = ("--gallery", gallery, "--model", tiny_model, "--port", "0")
    for wrong, said in ((tmp_path / "none", "no trained sketch model"), (tiny_model, "searches")):
        code, _, err = inkseek("serve", *options, "--tidy", wrong)
        assert (code, said in err, err.count("\n")) == (1, True, 1)
    monkeypatch.setattr("inkseek.cli.sketch_model.find_spec", lambda name: None)
    code, _, err = inkseek("serve", *options, "--tidy", tmp_path)
    assert (code, err.count("\n")) == (1, 1)
    assert "drawing needs torch, which a search does not; install it with" in err
    assert served == []


@pytest.mark.slow
def test_a_service_that_can_tidy_starts_without_torch(sketch_model):
    """It is loaded once the service is up."""
    code = (
        "import sys\n"
        "from inkseek.cli.sketch_model import find_drawing_model\n"
        f"model = find_drawing_model({str(sketch_model)!r})\n"
        "import inkseek.server.app\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.fixture
def drawing_client(tiny_model, gallery, sketch_model):
    """Asks a service that tidies and draws."""
    searcher = Searcher.open(gallery, model=tiny_model)
    app = create_app(searcher, drawing_model=find_drawing_model(str(sketch_model)))
    return TestClient(app, base_url="http://127.0.0.1")


STRANGE = [
    (1e6, [[[1e6, -1e6]], [[-1e6, 1e6]]]),
    (1e-6, [[[1e6, -1e6]], [[-1e6, 1e6]]]),
    (1e-38, [[[0.0, 0.0], [1e6, 1e6]], [[1.0, 2.0]]]),
    (1e-320, [[[0.0, 0.0], [1e-9, 1e-9]], [[0.0, 0.0]]]),
    (1e6, [[[1e-45, 0.0]], [[0.0, 1e-45]]]),
    (9.0, [[[3.0, 3.0]] * 3000] * 3),
    (9.0, [[[3.0, 3.0]]] * 200),
]


@pytest.mark.slow
@pytest.mark.parametrize(("canvas_size", "strokes"), STRANGE)
def test_strange_drawings_are_tidied_or_refused(drawing_client, canvas_size, strokes):
    sketch = {"canvas_size": canvas_size, "strokes": strokes}
    answer = drawing_client.post("/api/tidy", json={"sketch": sketch})
    assert answer.status_code in {200, 422}, answer.text
    if answer.status_code == 200:
        assert [len(stroke) for stroke in answer.json()["strokes"]] == [len(s) for s in strokes]
        assert np.isfinite(answer.json()["moves"]).all()


@pytest.mark.parametrize(("canvas_size", "strokes"), STRANGE)
def test_strange_drawings_are_suggested_for_or_refused(drawing_client, canvas_size, strokes):
    sketch = {"canvas_size": canvas_size, "strokes": strokes}
    answer = drawing_client.post(
        "/api/suggest", json={"sketch": sketch, "count": 8, "seed": 2**31 - 1}
    )
    assert answer.status_code in {200, 422}, answer.text
    for each in answer.json().get("sketches", []):
        points = np.concatenate(each["strokes"])
        assert ((points >= -1e-3 * canvas_size) & (points <= 1.001 * canvas_size)).all()
