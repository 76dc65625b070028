from dataclasses import replace
from functools import partial

import httpx2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from inkseek.client import Client, ServiceError, to_drawn
from inkseek.encoder import Encoder
from inkseek.gallery.store import Gallery
from inkseek.indexing import index_folders
from inkseek.raster.draw import draw
from inkseek.search import Searcher
from inkseek.server.app import Access, create_app
from inkseek.server.drawing_model import DrawingModel
from inkseek.strokes.readers.inkseek_json import to_svg
from inkseek.strokes.sketch import Sketch

URL = "http://127.0.0.1"
TOKEN = "a-token-of-the-tests"
ACROSS = Sketch((np.float32([[0, 50], [100, 50]]),), 100.0)
DOWN = Sketch((np.float32([[50, 0], [50, 100]]),), 100.0)
CROSS = Sketch((*ACROSS.strokes, *DOWN.strokes), 100.0)


@pytest.fixture(scope="module")
def searcher(tiny_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("asked")
    (folder / "photos").mkdir()
    for name, sketch in {"across": ACROSS, "down": DOWN}.items():
        pixels = np.repeat(draw(sketch, 64, pen_width=0.05)[..., None], 3, axis=2)
        Image.fromarray(pixels).save(folder / "photos" / f"{name}.png")
    encoder = Encoder.load(tiny_model)
    url = str(folder / "gallery")
    gallery = Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    index_folders([folder / "photos"], gallery, encoder, workers=1)
    return Searcher(gallery, encoder)


@pytest.fixture(scope="module")
def app(searcher):
    return create_app(searcher, Access(token=TOKEN))


@pytest.fixture(scope="module")
def client(app):
    with Client(URL, TOKEN, http=TestClient(app, base_url=URL)) as client:
        yield client


def names(answer):
    return [hit.name for hit in answer.hits]


def test_a_sketch_its_embedding_and_a_photo_are_searched_for(client, searcher):
    answer = client.search(DOWN, k=2)
    assert names(answer) == ["down.png", "across.png"]
    (row,) = client.embed([DOWN])
    np.testing.assert_allclose(row, searcher.encoder.embed_sketches([DOWN])[0], atol=1e-6)
    assert names(client.search(row, k=2)) == names(answer)
    assert names(client.search(answer.hits[0].photo_id)) == ["across.png"]


def test_options_reach_the_service(client):
    answer = client.search(DOWN, k=1, offset=1)
    assert (names(answer), answer.more) == (["across.png"], False)
    assert client.search(DOWN, orientation="portrait").hits == []


def test_several_sketches_and_the_strokes_of_one_are_answered(client):
    assert [names(each)[0] for each in client.search_batch([DOWN, ACROSS])] == [
        "down.png",
        "across.png",
    ]
    live = list(client.search_live(CROSS, k=1))
    assert [each.strokes for each in live] == [1, 2]
    assert names(live[0].answer) == ["across.png"]


def test_a_drawing_is_read_by_the_service(client):
    sketch = client.read_drawing(to_svg(DOWN).encode(), "down.svg")
    assert names(client.search(sketch, k=1)) == ["down.png"]


def test_a_sketch_is_tidied_where_the_service_can(searcher, client):
    def to_the_left(sketch):
        moves = np.float32([[0, 0], [-0.05, 0]])
        moved = (stroke + move for stroke, move in zip(sketch.strokes, moves, strict=True))
        return replace(sketch, strokes=tuple(moved))

    timed = replace(CROSS, times=(np.float32([0, 1]), np.float32([5, 6])))
    app = create_app(searcher, drawing_model=DrawingModel(tidy=to_the_left))
    with Client(URL, http=TestClient(app, base_url=URL)) as able:
        tidied = able.tidy(timed)
    np.testing.assert_allclose(tidied.strokes[1], [[45, 0], [45, 100]], atol=1e-4)
    assert tidied.times == timed.times
    with pytest.raises(ServiceError, match="inkseek serve --tidy MODEL") as refusal:
        client.tidy(CROSS)
    assert refusal.value.status == 404


def test_sketches_are_suggested_where_the_service_can(searcher, client):
    def repeat(sketch, count, seed):
        return [
            Sketch(tuple(stroke + np.float32([0, seed + i]) for stroke in sketch.strokes), 1.0)
            for i in range(count)
        ]

    app = create_app(searcher, drawing_model=DrawingModel(suggest=repeat))
    with Client(URL, http=TestClient(app, base_url=URL)) as able:
        suggested = able.suggest(CROSS, 2, seed=1)
        assert len(able.suggest(CROSS)) == 4
    assert [each.canvas_size for each in suggested] == [100, 100]
    np.testing.assert_allclose(suggested[1].strokes[0], CROSS.strokes[0] + [0, 200], atol=1e-3)
    with pytest.raises(ServiceError, match="inkseek serve --tidy MODEL") as refusal:
        client.suggest(CROSS)
    assert refusal.value.status == 404


def test_sketches_are_drawn_where_the_service_can(searcher, client):
    def draw_line(like, count, seed, temperature):
        x = 1 if isinstance(like, str) else like.num_points
        return [Sketch((np.float32([[x, seed], [temperature, i]]),), 256.0) for i in range(count)]

    def go(first, last, count):
        return [Sketch((*first.strokes, *last.strokes), 1.0)] * count

    model = DrawingModel(generate=draw_line, interpolate=go, categories=lambda: ["cat"])
    app = create_app(searcher, drawing_model=model)
    with Client(URL, http=TestClient(app, base_url=URL)) as able:
        assert able.categories() == ["cat"]
        of_name, of_sketch = able.generate("cat", 1, seed=2), able.generate(CROSS, temperature=1.0)
        way = able.interpolate(CROSS, DOWN, 3)
    assert of_name[0].canvas_size == 256
    np.testing.assert_allclose(of_name[0].strokes, [[[1, 2], [0.24, 0]]])
    assert len(of_sketch) == 4
    np.testing.assert_allclose(of_sketch[3].strokes, [[[CROSS.num_points, 0], [1, 3]]])
    assert [len(each.strokes) for each in way] == [3, 3, 3]
    for ask in (client.categories, partial(client.generate, "cat")):
        with pytest.raises(ServiceError, match="inkseek serve --tidy MODEL"):
            ask()


def test_a_hit_is_explained_and_shown(client):
    (hit,) = client.search(DOWN, k=1).hits
    assert len(client.explain(DOWN, hit.photo_id).strokes) == 1
    assert client.thumbnail(hit.photo_id)[:3] == b"\xff\xd8\xff"
    assert client.details(hit.photo_id).path.endswith("down.png")


def test_every_row_is_listed_however_few_come_at_once(client, searcher, monkeypatch):
    monkeypatch.setattr("inkseek.client.ROWS_AT_ONCE", 1)
    rows = list(client.photos())
    assert [row.name for row in rows] == ["across.png", "down.png"]
    assert {row.photo_id for row in rows} == {
        info.photo_id for info in searcher.gallery.iter_info()
    }


def test_what_filters_may_name_is_listed(client):
    (folder,) = client.folders()
    assert folder.photos == 2
    assert len(client.search(DOWN, folder=folder.folder).hits) == 2
    assert client.tags() == []
    assert {job.kind for job in client.jobs()} <= {"index"}


def test_the_library_is_indexed(client, searcher):
    library = client.library()
    assert (library.photos, library.model_matches) == (2, True)
    told = []
    job = client.wait_for_job(client.start_job("index", library.folders).id, told.append)
    assert (job.state, job.summary["unchanged"]) == ("done", 2)
    assert told[-1] == job
    assert client.quarantine() == []
    assert client.health().photos == searcher.gallery.count()
    with pytest.raises(ServiceError, match="is done") as refusal:
        client.steer_job(job.id, "cancel")
    assert refusal.value.status == 409


@pytest.mark.parametrize("photo_id", ["0" * 32, "../library", "..", "a/b?c#d"])
def test_what_is_not_there_is_an_error_with_the_text_of_the_service(client, photo_id):
    with pytest.raises(ServiceError, match=r"in this gallery|Not Found") as refusal:
        client.details(photo_id)
    assert refusal.value.status == 404


def test_an_empty_sketch_is_refused_in_every_way(client):
    empty = Sketch((), 9.0)
    for ask in (client.search, lambda sketch: list(client.search_live(sketch))):
        with pytest.raises(ServiceError, match="is empty: draw a stroke"):
            ask(empty)


def test_without_the_token_nothing_is_told(app):
    with Client(URL, http=TestClient(app, base_url=URL)) as client:
        with pytest.raises(ServiceError, match="asks for its token") as refusal:
            client.library()
    assert refusal.value.status == 401


def test_a_service_that_is_not_there_is_told():
    def refuse(request):
        raise httpx2.ConnectError("connection refused")

    http = httpx2.Client(transport=httpx2.MockTransport(refuse))
    with Client("http://127.0.0.1:9/", http=http) as client:
        with pytest.raises(ServiceError, match=r"127\.0\.0\.1:9 does not answer .*inkseek serve"):
            client.health()
        with pytest.raises(ServiceError, match="does not answer"):
            list(client.search_live(DOWN))


@pytest.mark.parametrize(
    ("status", "content"), [(200, b"<html>"), (200, b"{}"), (502, b"<html>"), (502, b"[1]")]
)
def test_something_else_that_answers_is_told(status, content):
    transport = httpx2.MockTransport(lambda request: httpx2.Response(status, content=content))
    with Client(URL, http=httpx2.Client(transport=transport)) as client:
        with pytest.raises(ServiceError, match="inkseek"):
            client.health()


def test_times_and_pressures_are_not_sent():
    points = np.float32([[1, 2], [3, 4]])
    sketch = Sketch((points,), 9.0, times=(np.float32([0, 1]),))
    assert to_drawn(sketch) == {"canvas_size": 9.0, "strokes": [[[1.0, 2.0], [3.0, 4.0]]]}
