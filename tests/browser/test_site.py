"""A site searches on the page as the service does, with nothing behind it but files."""

import numpy as np
import pytest

from inkseek.encoder import Encoder
from inkseek.search import Searcher
from inkseek.server.answers import answer_search
from inkseek.server.auth import Tickets
from inkseek.server.jobs import Jobs
from inkseek.server.schema import DrawnSketch, SearchRequest
from inkseek.server.service import Service
from inkseek.site.export import export_site
from inkseek.strokes.sketch import Sketch

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("runtime")]

ACROSS = ((0.05, 0.5), (0.95, 0.5))

SEARCH = """async ([strokes, k, offset, said = {}]) => {
    const { LiveSearch } = await import(new URL("search.js", document.baseURI));
    return new LiveSearch().search({ sketch: { canvas_size: 100, strokes }, k, offset, ...said });
}"""

FOLD = """async ([content, halves, query, k]) => {
    const { findPhotos, readGallery } = await import(new URL("ranking.js", document.baseURI));
    const gallery = readGallery(content, new Uint8Array(halves).buffer);
    return findPhotos(gallery, query, k).hits;
}"""


@pytest.fixture(scope="module")
def searcher(drawn_photos):
    """The native search with the network that the page has."""
    folder = drawn_photos.encoder.folder
    return Searcher(drawn_photos.gallery, Encoder.load(folder, precision="fp32"))


@pytest.fixture(scope="module")
def site(searcher, tmp_path_factory):
    """The site in a folder of a host that has others too."""
    folder = tmp_path_factory.mktemp("host") / "some" / "site"
    exported = export_site(searcher.gallery, searcher.encoder, folder)
    assert exported.num_photos == 60
    return folder


@pytest.fixture(scope="module")
def site_address(site, serve_folder):
    return f"{serve_folder(site.parents[1])}/some/site/"


@pytest.fixture
def open_site(chromium, site_address):
    """Open the site; at the end it must have asked nobody else and reported no error."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(60_000)
    asked, problems = [], []
    context.on("request", lambda request: asked.append((request.method, request.url)))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text))

    def make():
        page.goto(site_address)
        page.get_by_text("60 photos").wait_for()
        return page

    make.page = page
    yield make
    context.close()
    assert [url for _, url in asked if not url.startswith((site_address, "blob:"))] == []
    assert {method for method, _ in asked} == {"GET"}
    assert [text for text in problems if "Failed to load resource" not in text] == []


def test_a_drawing_finds_its_photo_with_no_network_at_all(open_site, stroke):
    page = open_site()
    page.context.set_offline(True)
    stroke(page, *ACROSS)
    expect(page.locator("#results .name").first).to_have_text("across")
    expect(page.locator("#results li")).to_have_count(40)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("#results li")).to_have_count(60)
    expect(page.locator("#more")).to_be_hidden()


def test_photos_are_shown_small_and_large(open_site, stroke):
    page = open_site()
    stroke(page, *ACROSS)
    expect(page.locator("#results .name").first).to_have_text("across")
    page.locator("#results .card").first.click()
    expect(page.locator("#viewer-name")).to_have_text("across.png")
    loaded = "image => image.complete && image.naturalWidth > 0"
    page.wait_for_function(loaded, arg=page.locator("#viewer-photo").element_handle())
    page.keyboard.press("ArrowRight")
    expect(page.locator("#viewer-name")).not_to_have_text("across.png")
    page.keyboard.press("Escape")
    expect(page.locator("#results .card").nth(1)).to_be_focused()


@pytest.mark.parametrize("state", ["start", "results", "viewer"])
def test_everyone_can_use_it_on_every_screen(open_site, stroke, state):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_site()
    if state != "start":
        stroke(page, *ACROSS)
        page.locator("#results .card").first.focus()
        page.keyboard.press("+")
        expect(page.locator("#steered button")).to_have_count(1)
        expect(page.locator("body.busy")).to_have_count(0)
    if state == "viewer":
        page.locator("#results .card").first.click()
    for width, scheme in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        report = axe.run(page)
        assert report.violations_count == 0, report.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = """[...document.querySelectorAll("button")].filter((button) =>
        button.checkVisibility({ visibilityProperty: true }) &&
        Math.min(button.offsetWidth, button.offsetHeight) < 44).map((button) => button.outerHTML)"""
    assert page.evaluate(small) == []


def test_the_tools_work_as_on_the_page_of_the_service(open_site, stroke):
    page = open_site()
    stroke(page, *ACROSS)
    expect(page.locator("#results li")).not_to_have_count(0)
    page.locator("#clear").click()
    expect(page.locator("#results li")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator("#results li")).not_to_have_count(0)


def test_hits_are_those_of_the_service(open_site, searcher, generator):
    page = open_site()
    for _ in range(5):
        points = generator.uniform(0, 100, (6, 2)).astype(np.float32)
        theirs = page.evaluate(SEARCH, [[points.tolist()], 12, 0])
        ours = searcher.search(Sketch((points,), 100.0), 12)
        # Near ties may change places: halves move a similarity by 0.0005 at most.
        np.testing.assert_allclose(
            [hit["similarity"] for hit in theirs["hits"]],
            [hit.similarity for hit in ours],
            atol=1e-3,
        )
        np.testing.assert_allclose(
            [hit["confidence"] for hit in theirs["hits"]],
            [hit.confidence for hit in ours],
            atol=0.02,
        )
        assert theirs["hits"][0]["name"] == ours[0].path.rpartition("/")[2]
        assert theirs["nothing_matches"] == searcher.nothing_matches(ours)


def test_the_spans_of_one_search_join_without_a_gap(open_site):
    page = open_site()
    strokes = [[[5, 5], [95, 40], [20, 80]]]
    whole = page.evaluate(SEARCH, [strokes, 60, 0])
    spans = [page.evaluate(SEARCH, [strokes, 25, offset]) for offset in (0, 25, 50)]
    assert [hit["name"] for span in spans for hit in span["hits"]] == [
        hit["name"] for hit in whole["hits"]
    ]
    assert [span["more"] for span in spans] == [True, True, False]
    assert not whole["more"]


def test_feedback_moves_the_search_as_that_of_the_service_does(open_site, searcher, generator):
    page = open_site()
    points = generator.uniform(0, 100, (6, 2)).astype(np.float32)
    plain = page.evaluate(SEARCH, [[points.tolist()], 60, 0, {}])["hits"]
    ids = [hit["photo_id"] for hit in plain]
    said = {"liked": [ids[9], ids[14]], "disliked": [ids[0], ids[3]]}
    theirs = page.evaluate(SEARCH, [[points.tolist()], 12, 0, said])["hits"]
    infos = {info.path.rpartition("/")[2]: info for info in searcher.gallery.iter_info()}
    of_page = {hit["photo_id"]: infos[hit["name"]].photo_id for hit in plain}
    jobs = Jobs(searcher)
    ours = answer_search(
        Service(searcher, Tickets(None), jobs),
        SearchRequest(
            sketch=DrawnSketch(canvas_size=100, strokes=[points.tolist()]),
            k=12,
            **{kind: [of_page[one] for one in ones] for kind, ones in said.items()},
        ),
    ).hits
    assert not {hit["photo_id"] for hit in theirs} & {*said["disliked"]}
    assert [hit["photo_id"] for hit in theirs] != ids[:12]
    np.testing.assert_allclose(
        [hit["similarity"] for hit in theirs], [hit.similarity for hit in ours], atol=1e-3
    )
    assert theirs[0]["name"] == ours[0].name


def test_what_is_said_of_a_photo_can_be_taken_back(open_site, stroke):
    page = open_site()
    stroke(page, *ACROSS)
    first = page.locator("#results .name").first
    expect(first).to_have_text("across")
    page.locator("#results .card").first.click()
    page.get_by_role("button", name="Not this").click()
    expect(first).not_to_have_text("across")
    page.locator("#results .card").first.hover()
    page.locator("#results .liked").first.click()
    expect(page.locator("#steered button")).to_have_count(2)
    page.get_by_role("button", name="Take away: Not across").click()
    expect(first).to_have_text("across")
    page.locator("#clear").click()
    expect(page.locator("#steered button")).to_have_count(0)


def test_near_duplicates_fold_into_the_best_of_them(open_site):
    rows = np.float16([[1, 0], [0.995, 0.0998], [0, 1], [0.999, 0.0447]])
    # The second differs from the first in 5 bits and the last in 4, over both halves of the key.
    keys = ["0" * 16, f"{0b11111:016x}", "0" * 16, "8000000080000003"]
    content = {
        "names": ["a", "five bits off", "unlike", "again"],
        "near_keys": keys,
        "copies": [1, 0, 0, 2],
        "dim": 2,
        "calibration": {
            "temperature": 0.1,
            "null_similarity": 0.5,
            "slope": 1.0,
            "bias": 0.0,
            "nothing_below": 0.3,
        },
        "ranking": {
            "rivals": 32,
            "judged": 10,
            "least_candidates": 64,
            "near_bits": 4,
            "near_similarity": 0.97,
            "query_weight": 1.0,
            "liked_weight": 0.75,
            "disliked_weight": 0.15,
        },
    }
    hits = open_site().evaluate(FOLD, [content, [*rows.tobytes()], [1.0, 0.0], 10])
    assert [hit["name"] for hit in hits] == ["a", "five bits off", "unlike"]
    assert [hit["num_duplicates"] for hit in hits] == [4, 0, 0]
    similarity = np.float64(rows)[:, 0]
    shares = np.exp(similarity / 0.1) / (np.exp(0.5 / 0.1) + np.exp(similarity / 0.1).sum())
    expected = [shares[0] + shares[3], shares[1], shares[2]]
    np.testing.assert_allclose([hit["confidence"] for hit in hits], expected, rtol=1e-6)


def test_a_site_that_lacks_a_file_says_so_and_tries_again(open_site, site_address, stroke):
    page = open_site.page
    page.route("**/embeddings.f16", lambda route: route.fulfill(status=404))
    page.goto(site_address)
    expect(page.locator("#status")).to_contain_text("embeddings.f16 cannot be loaded")
    page.unroute("**/embeddings.f16")
    stroke(page, *ACROSS)
    expect(page.locator("#results .name").first).to_have_text("across", timeout=60_000)
