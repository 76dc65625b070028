import numpy as np
import pytest

from inkseek.encoder import Encoder
from inkseek.errors import GalleryError, GalleryMismatchError, SketchFormatError
from inkseek.feedback import ALPHA, BETA
from inkseek.gallery.store import Gallery
from inkseek.gallery.unfinished import note_unfinished
from inkseek.search import NUM_TRUSTED, Hit, Searcher
from inkseek.strokes.sketch import Sketch


def stroke(*points):
    return Sketch((np.float32(points),), 100.0)


ACROSS = stroke((0, 50), (100, 50))
SKETCHES = {
    "down": stroke((50, 0), (50, 100)),
    "across": ACROSS,
    "slope": stroke((0, 0), (100, 100)),
    "corner": stroke((0, 0), (100, 0), (100, 90)),
}


@pytest.fixture
def searcher(tiny_model, tmp_path, photo_row):
    """Four photos that look like the sketches, and a near-duplicate of one."""
    encoder = Encoder.load(tiny_model)
    url = str(tmp_path / "gallery")
    gallery = Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    rows = encoder.embed_sketches(list(SKETCHES.values()))
    keys = [0x0F0F, 0xF0F0 << 16, 0xABCD << 32, 0x1234 << 48]
    photos = [
        photo_row(encoder, name, i, rows[i], near_key=keys[i]) for i, name in enumerate(SKETCHES)
    ]
    again = photo_row(encoder, "again", 9, rows[1], near_key=keys[1] ^ 1, copies=("/copy.jpg",))
    gallery.upsert([*photos, again])
    return Searcher.open(url, tiny_model)


def test_the_photo_that_looks_like_the_sketch_comes_first(searcher):
    for name, sketch in SKETCHES.items():
        hits = searcher.search(sketch, k=4)
        assert name in hits[0].path or name in "".join(hits[0].duplicates)
        assert hits[0].similarity == pytest.approx(1, abs=1e-4)
        assert [h.similarity for h in hits] == sorted((h.similarity for h in hits), reverse=True)


def test_near_duplicates_fold_into_one_hit_with_their_copies(searcher):
    hits = searcher.search(ACROSS, k=10)
    assert len(hits) == 4
    files = {hits[0].path, *hits[0].duplicates}
    assert files == {"/photos/across.jpg", "/photos/again.jpg", "/copy.jpg"}


def test_confidences_are_shares_of_one_and_fold_with_their_photos(searcher):
    hits = searcher.search(ACROSS, k=10)
    assert 0.9 < hits[0].confidence < 1
    assert sum(h.confidence for h in hits) < 1


def test_a_match_is_told_from_none(searcher):
    assert not searcher.nothing_matches(searcher.search(ACROSS))
    away = -searcher.encoder.embed_sketches([ACROSS])[0]
    assert searcher.nothing_matches(searcher.search_embedding(away))
    assert searcher.nothing_matches([])


def test_whether_anything_matches_does_not_depend_on_how_many_are_shown(searcher):
    faint = Hit("/p.jpg", "0" * 32, 0.1, searcher.encoder.card.calibration.nothing_below / 11, ())
    assert searcher.nothing_matches([faint] * 10)
    assert searcher.nothing_matches([faint] * 40)


def test_k_limits_hits_after_folding(searcher):
    assert len(searcher.search(ACROSS, k=2)) == 2


def numbers(hits):
    return [int(hit.photo_id, 16) for hit in hits]


def test_after_the_first_hits_photos_have_to_be_like_these_as_well(crowd):
    searcher, rows = crowd
    query = rows[0] + rows[1]
    query /= np.linalg.norm(query)
    similarity = rows @ query
    first = np.argsort(-similarity)[:NUM_TRUSTED]
    both = rows @ (ALPHA * query + BETA * rows[first].mean(axis=0))
    wanted = [*first, *(i for i in np.argsort(-both) if i not in first)]
    hits = searcher.search_embedding(query, k=60)
    assert numbers(hits) == wanted
    assert wanted != np.argsort(-similarity).tolist()
    np.testing.assert_allclose([h.similarity for h in hits], similarity[wanted], atol=1e-6)


@pytest.mark.parametrize("k", [1, NUM_TRUSTED, NUM_TRUSTED + 1, 30])
def test_fewer_hits_are_the_first_of_more(crowd, k):
    searcher, rows = crowd
    assert numbers(searcher.search_embedding(rows[3], k)) == numbers(
        searcher.search_embedding(rows[3], 60)[:k]
    )


def test_the_drawing_alone_decides_where_nothing_is_to_be_added(crowd):
    searcher, rows = crowd
    plain = searcher.search_embedding(rows[3], 60, expand=False)
    assert numbers(plain) == np.argsort(-(rows @ rows[3])).tolist()
    expanded = searcher.search_embedding(rows[3], 60)
    assert {h.photo_id: h.confidence for h in plain} == pytest.approx(
        {h.photo_id: h.confidence for h in expanded}
    )


def test_an_empty_sketch_is_refused(searcher):
    with pytest.raises(SketchFormatError, match="is empty"):
        searcher.search(Sketch((), 10.0))


def test_a_gallery_of_another_model_is_refused(searcher, tmp_path):
    url = str(tmp_path / "other")
    Gallery.open(url, model_digest="f" * 16, dim=16, create=True)
    with pytest.raises(GalleryMismatchError, match="inkseek index --rebuild"):
        Gallery.open(url, model_digest=searcher.encoder.digest)


def test_the_photos_of_another_model_are_not_searched(searcher):
    model = searcher.gallery.model_digest
    searcher.gallery.model_digest = "f" * 16
    try:
        with pytest.raises(GalleryMismatchError, match="similarities mean nothing"):
            searcher.search(ACROSS)
    finally:
        searcher.gallery.model_digest = model


def test_half_a_gallery_is_not_opened(tiny_model, tmp_path):
    encoder = Encoder.load(tiny_model)
    Gallery.open(str(tmp_path), model_digest=encoder.digest, dim=encoder.dim, create=True)
    note_unfinished(tmp_path, [])
    with pytest.raises(GalleryError, match="are being embedded anew"):
        Searcher.open(str(tmp_path), tiny_model)
