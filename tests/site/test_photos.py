import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inkseek.gallery.photos import PhotoInfo
from inkseek.site.photos import choose_newest, to_half, write_gallery, write_thumbnails


def make_info(path, taken_at=None, modified=0):
    day = datetime(*taken_at) if taken_at else None
    return PhotoInfo(path, path, 8, 8, day, (), 0, (), 1, modified * 10**9)


@pytest.fixture
def infos(gallery):
    return sorted(gallery.iter_info(), key=lambda info: info.path)


def ignore(done, total):
    pass


def test_the_newest_photos_are_chosen_and_sorted_by_path():
    old = make_info("/a", (1999, 1, 1))
    new = make_info("/c", (2024, 1, 1))
    # A photo without a date counts by its file: 2020 here.
    dateless = make_info("/b", modified=1_590_000_000)
    infos = [new, old, dateless]
    assert choose_newest(infos, 3) == [old, dateless, new]
    assert choose_newest(infos, 2) == [dateless, new]
    assert choose_newest(infos, 1) == [new]


@pytest.mark.slow
def test_every_photo_gets_a_thumbnail_without_metadata(infos, tmp_path):
    seen = []
    kept = write_thumbnails(infos, tmp_path, lambda done, total: seen.append((done, total)))
    assert kept == infos
    assert seen == [(i + 1, len(infos)) for i in range(len(infos))]
    pictures = sorted(tmp_path.glob("*.jpg"))
    assert [path.stem for path in pictures] == [str(i) for i in range(len(infos))]
    for path in pictures:
        assert b"SECRET" not in path.read_bytes()
        with Image.open(path) as picture:
            assert picture.size == (360, 270)
            assert not picture.getexif()


@pytest.mark.slow
def test_a_photo_that_is_gone_leaves_no_gap(infos, tmp_path):
    Path(infos[1].path).unlink()
    Path(infos[3].path).write_bytes(b"no photo")
    (tmp_path / "made").mkdir()
    kept = write_thumbnails(infos, tmp_path / "made", ignore)
    assert kept == [infos[i] for i in (0, 2, 4, 5)]
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == [
        f"{i}.jpg" for i in range(4)
    ]
    # The picture beside a name is that photo's own: compare one corner.
    for place, info in enumerate(kept):
        with (
            Image.open(tmp_path / "made" / f"{place}.jpg") as thumbnail,
            Image.open(info.path) as photo,
        ):
            corner = np.int64(thumbnail.getpixel((10, 10))) - np.int64(photo.getpixel((22, 22)))
        assert np.abs(corner).max() < 24


def test_the_files_hold_the_gallery_in_one_order(infos, gallery, encoder, tmp_path):
    write_gallery(infos, gallery, encoder.card, tmp_path)
    content = json.loads((tmp_path / "gallery.json").read_text(encoding="utf-8"))
    assert content["names"] == [f"photo-{i}.jpg" for i in range(6)]
    assert content["model"] == encoder.digest
    assert [int(key, 16) for key in content["near_keys"]] == [info.near_key for info in infos]
    rows = np.fromfile(tmp_path / "embeddings.f16", "<f2").reshape(6, content["dim"])
    stored = np.stack([row.embedding for row in gallery.get([info.photo_id for info in infos])])
    np.testing.assert_allclose(rows, stored, atol=1e-3)


def test_nothing_tells_where_the_photos_lie_or_what_is_in_their_files(
    infos, gallery, encoder, tmp_path
):
    write_gallery(infos, gallery, encoder.card, tmp_path)
    text = (tmp_path / "gallery.json").read_text(encoding="utf-8")
    assert "private" not in text
    assert infos[0].photo_id not in text
    assert "2001" not in text


def test_halves_move_no_similarity_by_more_than_is_said(generator):
    rows = generator.standard_normal((2000, 128)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    halves = to_half(rows)
    assert halves.dtype.str == "<f2"
    errors = np.abs(rows[:200] @ rows.T - rows[:200] @ halves.astype(np.float32).T)
    assert 1e-6 < errors.max() < 5e-4
