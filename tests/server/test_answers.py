import numpy as np
import pytest

from inkseek.errors import PhotoError, SketchFormatError
from inkseek.gallery.filters import Filters
from inkseek.gallery.store import Gallery, PhotoRow
from inkseek.search import Searcher
from inkseek.server.answers import Span, answer_search, find_span
from inkseek.server.auth import Tickets
from inkseek.server.jobs import Jobs
from inkseek.server.schema import SearchRequest
from inkseek.server.service import Service

NUM_PHOTOS = 40
NUM_COPIES = 90


@pytest.fixture(scope="module")
def service(searcher, tmp_path_factory):
    """Photos on a ring of embeddings, the nearest to the first axis first, and many near-copies
    of the first one."""
    encoder = searcher.encoder
    url = str(tmp_path_factory.mktemp("ring") / "gallery")
    gallery = Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    angles = np.linspace(0, np.pi, NUM_PHOTOS)
    rows = [make_row(i, angle, encoder.digest, encoder.dim) for i, angle in enumerate(angles)]
    copies = [
        make_row(1000 + i, 0.0, encoder.digest, encoder.dim, near_key=rows[0].near_key)
        for i in range(NUM_COPIES)
    ]
    gallery.upsert([*rows, *copies])
    ring = Searcher(gallery, encoder)
    return Service(ring, Tickets(None), Jobs(ring))


def make_row(number, angle, digest, dim, near_key=None):
    embedding = np.zeros(dim, np.float32)
    embedding[:2] = np.cos(angle), np.sin(angle)
    key = int(np.random.default_rng(number).integers(0, 2**63))
    return PhotoRow(
        photo_id=f"{number:032x}",
        path=f"/photos/{number}.jpg",
        width=10 + number,
        height=10,
        taken_at=None,
        tags=(),
        near_key=key if near_key is None else near_key,
        copies=(),
        file_size=1,
        modified_ns=1,
        embedding=embedding,
        model_digest=digest,
    )


def at(service, angle):
    embedding = np.zeros(service.searcher.encoder.dim)
    embedding[:2] = np.cos(angle), np.sin(angle)
    return embedding.tolist()


def numbers(answer):
    return [int(hit.photo_id, 16) for hit in answer.hits]


def ask(service, **fields):
    return answer_search(service, SearchRequest(**fields))


def test_pages_join_without_a_gap_to_the_end(service):
    whole = numbers(ask(service, embedding=at(service, 0.0), k=500))
    assert whole[1:] == list(range(1, NUM_PHOTOS))
    pages = [ask(service, embedding=at(service, 0.0), k=7, offset=i) for i in range(0, 40, 7)]
    assert [number for page in pages for number in numbers(page)] == whole
    assert [page.more for page in pages] == [True] * 5 + [False]


def test_beyond_the_end_there_is_nothing(service):
    answer = ask(service, embedding=at(service, 0.0), offset=500)
    assert (answer.hits, answer.more) == ([], False)


def test_no_more_is_promised_than_may_be_asked_for(service, monkeypatch):
    monkeypatch.setattr("inkseek.server.answers.MAX_OFFSET", 10)
    assert ask(service, embedding=at(service, 3.0), k=5, offset=5).more
    assert not ask(service, embedding=at(service, 3.0), k=5, offset=6).more


def test_copies_that_fill_the_neighbours_do_not_hide_what_follows(service):
    """The first 91 neighbours are one picture."""
    hits, more = find_span(service.searcher, np.float32(at(service, 0.0)), full_span(20))
    assert len(hits) == 20
    assert more


def full_span(k):
    return Span(0, k, Filters())


def test_whether_anything_matches_is_a_question_about_the_first_hits_of_all(service):
    first = ask(service, embedding=at(service, 1.0), k=3)
    later = ask(service, embedding=at(service, 1.0), k=3, offset=20)
    assert first.nothing_matches == later.nothing_matches


def test_a_liked_photo_pulls_the_ranking_and_a_disliked_one_pushes_it(service):
    middle = at(service, np.pi / 2)
    plain = numbers(ask(service, embedding=middle))
    liked = numbers(ask(service, embedding=middle, liked=[f"{30:032x}"]))
    assert liked.index(30) < plain.index(30)
    assert liked.index(28) < liked.index(12)
    disliked = numbers(ask(service, embedding=middle, disliked=[f"{30:032x}"]))
    assert 30 not in disliked
    assert disliked.index(10) < disliked.index(29)
    assert plain.index(29) < plain.index(9)


def test_feedback_on_what_is_gone_counts_for_nothing(service):
    plain = ask(service, embedding=at(service, 1.0))
    again = ask(service, embedding=at(service, 1.0), liked=["f" * 32, "' OR 1=1"], disliked=["x"])
    assert numbers(again) == numbers(plain)


def test_more_like_a_photo_are_its_neighbours_without_itself(service):
    found = numbers(ask(service, like_photo=f"{20:032x}", k=4))
    assert set(found) == {18, 19, 21, 22}


def test_more_like_a_photo_goes_before_an_embedding_and_that_before_a_sketch(service):
    sketch = {"canvas_size": 1, "strokes": []}
    both = {"embedding": at(service, 0.0), "sketch": sketch}
    assert numbers(ask(service, like_photo=f"{39:032x}", k=1, **both)) == [38]
    assert numbers(ask(service, k=2, **both))[1] == 1


@pytest.mark.parametrize("photo_id", ["f" * 32, "../x", "' OR 1=1 --", "\0"])
def test_more_like_a_photo_that_is_not_there_is_refused(service, photo_id):
    with pytest.raises(PhotoError, match="in this gallery; search again"):
        ask(service, like_photo=photo_id)


def test_an_embedding_of_another_width_or_length_is_refused(service):
    with pytest.raises(SketchFormatError, match="has 3 numbers, but those of model tiny have 16"):
        ask(service, embedding=[1.0, 0.0, 0.0])
    with pytest.raises(SketchFormatError, match="has length 2, not 1; divide it"):
        ask(service, embedding=[2 * value for value in at(service, 0.0)])
    assert ask(service, embedding=[0.9999 * value for value in at(service, 0.0)]).hits


def test_filters_are_applied_before_paging(service):
    answer = ask(service, embedding=at(service, 0.0), k=3, orientation="square")
    assert numbers(answer) == [0]
    assert not answer.more
    sides = ask(service, embedding=at(service, 0.0), min_side=11)
    assert numbers(sides) == []


def test_the_clock_of_each_step_adds_up_to_less_than_the_whole(service, drawn):
    answer = ask(service, **drawn("down"))
    steps = answer.timings
    assert min(steps.raster, steps.encode, steps.search) > 0
    assert steps.raster + steps.encode + steps.search <= answer.milliseconds


def test_photos_are_only_counted_where_hits_are_lacking(service, monkeypatch):
    gallery = service.searcher.gallery
    asked = []
    count = gallery.count
    monkeypatch.setattr(gallery, "count", lambda filters: asked.append(filters) or count(filters))
    query = np.array(at(service, np.pi / 2), np.float32)
    hits, more = find_span(service.searcher, query, Span(0, 5, Filters()))
    assert (len(hits), more, asked) == (5, True, [])
    hits, more = find_span(service.searcher, query, Span(0, NUM_PHOTOS, Filters()))
    assert (len(hits), more, asked != []) == (NUM_PHOTOS, False, True)
