import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inkseek.encoder import Encoder
from inkseek.errors import SketchFormatError
from inkseek.gallery.store import Gallery
from inkseek.indexing import index_folders
from inkseek.mcp import load_sketch, make_server
from inkseek.raster.draw import draw
from inkseek.search import Searcher
from inkseek.server.schema import FilteredRequest, PhotoFilters
from inkseek.strokes.sketch import Sketch

LINES = {"across": [[0, 50], [100, 50]], "down": [[50, 0], [50, 100]]}
DOWN = '<svg viewBox="0 0 100 100"><path d="M50 0 L50 100"/></svg>'


@pytest.fixture(scope="module")
def server(tiny_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mcp")
    (folder / "photos").mkdir()
    for name, points in LINES.items():
        ink = draw(Sketch((np.float32(points),), 100.0), 64, pen_width=0.05)
        pixels = np.repeat(ink[..., None], 3, axis=2)
        Image.fromarray(pixels).save(folder / "photos" / f"{name}.png")
    save_tagged(folder / "photos" / "inner" / "tagged.jpg", "sea")
    encoder = Encoder.load(tiny_model)
    url = str(folder / "gallery")
    gallery = Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    index_folders([folder / "photos"], gallery, encoder, workers=1)
    return make_server(Searcher(gallery, encoder))


def save_tagged(path, tag):
    """A wide photo of a slope that carries a keyword."""
    ink = draw(Sketch((np.float32([[0, 0], [100, 100]]),), 100.0), 64, pen_width=0.05)
    xmp = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:subject><rdf:Bag><rdf:li>{tag}</rdf:li></rdf:Bag></dc:subject>"
        "</rdf:Description></rdf:RDF>"
    )
    path.parent.mkdir()
    Image.fromarray(ink).convert("RGB").resize((128, 64)).save(path, xmp=xmp.encode())


def ask(server, *calls):
    """What an assistant gets for each call, over the SDK's connection in memory."""
    from mcp import Client

    async def run():
        async with Client(server) as client:
            listed = await client.list_tools()
            return listed.tools, [await client.call_tool(name, args) for name, args in calls]

    # In a thread of its own: the browser's driver keeps an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(run())).result()


def test_the_tools_say_what_they_take(server):
    tools, _ = ask(server)
    taken = {tool.name: set(tool.input_schema["properties"]) for tool in tools}
    assert set(taken) == {"search_photos", "explain_match"}
    assert {"sketch_file", "sketch_text", "k", "filters"} == taken["search_photos"]
    assert all(tool.description for tool in tools)


def test_the_filters_are_those_of_the_service(server):
    tools, _ = ask(server)
    (schema,) = [tool.input_schema for tool in tools if tool.name == "search_photos"]
    offered = schema["$defs"]["PhotoFilters"]["properties"]
    assert offered == PhotoFilters.model_json_schema()["properties"]
    assert {*offered} == {*FilteredRequest.model_fields} - {"k"}


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"tags": ["sea"]}, {"tagged.jpg"}),
        ({"tags": ["sea", "dog"]}, set()),
        ({"orientation": "square", "min_side": 64}, {"across.png", "down.png"}),
        ({"min_side": 65}, set()),
        ({"taken_after": "2001-01-01"}, set()),
    ],
)
def test_filters_narrow_the_search(server, filters, names):
    _, (answer,) = ask(server, ("search_photos", {"sketch_text": DOWN, "filters": filters}))
    found = answer.structured_content["photos"]
    assert {Path(photo["path"]).name for photo in found} == names


def test_folders_are_in_or_out(server):
    call = {"sketch_text": DOWN}
    _, (whole,) = ask(server, ("search_photos", call))
    (path,) = [
        photo["path"]
        for photo in whole.structured_content["photos"]
        if photo["path"].endswith("tagged.jpg")
    ]
    folder = str(Path(path).parent)
    _, (inside, outside) = ask(
        server,
        ("search_photos", call | {"filters": {"folder": folder}}),
        ("search_photos", call | {"filters": {"not_folder": folder}}),
    )
    assert [photo["path"] for photo in inside.structured_content["photos"]] == [path]
    assert len(outside.structured_content["photos"]) == len(LINES)


def test_a_text_and_a_file_find_the_photo_and_explain_it(server, tmp_path):
    (tmp_path / "down.svg").write_text(DOWN)
    file = {"sketch_file": str(tmp_path / "down.svg")}
    _, (by_text, by_file) = ask(
        server,
        ("search_photos", {"sketch_text": DOWN, "k": 1}),
        ("search_photos", {**file, "k": 1}),
    )
    found = by_text.structured_content
    assert found == by_file.structured_content
    assert [Path(photo["path"]).name for photo in found["photos"]] == ["down.png"]
    assert found["nothing_matches"] is False
    wanted = {**file, "photo_id": found["photos"][0]["photo_id"]}
    _, (explained,) = ask(server, ("explain_match", wanted))
    (stroke,) = explained.structured_content["strokes"]
    assert stroke["adds"] > 0.1
    assert 0.2 < stroke["left"] < 0.8


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("search_photos", {}, "pass either sketch_file or sketch_text"),
        ("search_photos", {"sketch_text": "hello"}, "of no sketch format we read"),
        ("search_photos", {"sketch_file": "/no/such.svg"}, "no/such.svg"),
        ("search_photos", {"sketch_text": DOWN, "k": 0}, "greater than or equal to 1"),
        ("search_photos", {"sketch_text": DOWN, "filters": {"tag": "sea"}}, "Extra inputs"),
        (
            "search_photos",
            {"sketch_text": DOWN, "filters": {"taken_after": "soon"}},
            "no such time",
        ),
        ("explain_match", {"sketch_text": DOWN, "photo_id": "../x"}, "no photo '../x'"),
    ],
)
def test_a_mistake_is_told_and_the_server_goes_on(server, name, arguments, message):
    good = ("search_photos", {"sketch_text": DOWN})
    _, (refused, answered) = ask(server, (name, arguments), good)
    assert refused.is_error
    assert message in refused.content[0].text
    assert not answered.is_error


def test_either_a_file_or_a_text():
    with pytest.raises(SketchFormatError, match="pass either"):
        load_sketch("a.svg", DOWN)
