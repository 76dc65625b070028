import numpy as np
import pytest
from PIL import Image

from inkseek.data.datasets.pairs_folder import match_pairs, read_pairs_folder
from inkseek.data.pack import pack
from inkseek.data.pairs import EDGES
from inkseek.data.sets import held_back, read_set
from inkseek.data.tasks import make_tasks
from inkseek.errors import DatasetError

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M1 1L9 9"/></svg>'


def photo(path, shade=200):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((30, 40, 3), 255, dtype=np.uint8)
    pixels[8:22, 10:30] = shade
    Image.fromarray(pixels).save(path)


def sketch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SVG)


@pytest.fixture
def folder(tmp_path):
    for i in range(6):
        photo(tmp_path / f"photo/mug-{i}.png", shade=20 * i)
        sketch(tmp_path / f"sketch/mug-{i}.svg")
    sketch(tmp_path / "sketch/mug-0-again.svg")
    return tmp_path


def test_a_sketch_belongs_to_the_photo_of_its_name(folder):
    pairs = read_pairs_folder(folder)
    assert len(pairs.photos) == 6
    names = {(s.path.stem, pairs.photos[s.photo].path.stem) for s in pairs.sketches}
    assert ("mug-0-again", "mug-0") in names
    assert {sketch.rpartition("-again")[0] or sketch for sketch, _ in names} == {
        f"mug-{i}" for i in range(6)
    }
    assert all(sketch.startswith(photo) for sketch, photo in names)


def test_one_photo_in_five_validates_and_takes_its_sketches_along(folder):
    pairs = read_pairs_folder(folder)
    splits = [p.split for p in pairs.photos]
    assert sorted(splits) == ["train"] * 4 + ["val"] * 2
    assert all(s.split == pairs.photos[s.photo].split for s in pairs.sketches)


def test_folders_between_are_categories(tmp_path):
    photo(tmp_path / "photo/cups/1.png")
    photo(tmp_path / "photo/pots/1.png")
    sketch(tmp_path / "sketch/pots/1.svg")
    pairs, orphans = match_pairs(tmp_path)
    assert [p.category for p in pairs.photos] == ["cups", "pots"]
    assert [s.photo for s in pairs.sketches] == [1]
    assert not orphans


def test_photos_alone_get_their_edges_as_sketches(tmp_path):
    for i in range(5):
        photo(tmp_path / f"{i}.png", shade=10 * i)
    pairs = read_pairs_folder(tmp_path)
    assert [s.photo for s in pairs.sketches] == [0, 1, 2, 3, 4]
    assert {s.line for s in pairs.sketches} == {EDGES}
    packed = pack(pairs, tmp_path / "cache", photo_size=32)
    assert all(packed.sketches[i].strokes for i in range(5))


def test_a_sketch_without_a_photo_is_named(folder):
    sketch(folder / "sketch/teapot.svg")
    assert [path.name for path in match_pairs(folder)[1]] == ["teapot.svg"]
    with pytest.raises(DatasetError, match=r"teapot\.svg belongs to no photo"):
        read_pairs_folder(folder)


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_folder_without_photos_is_an_error(tmp_path, name):
    with pytest.raises(DatasetError, match=r"no folder|no photos"):
        read_pairs_folder(tmp_path / name)


def test_too_few_pairs_are_an_error(tmp_path):
    photo(tmp_path / "photo/1.png")
    sketch(tmp_path / "sketch/1.svg")
    with pytest.raises(DatasetError, match="less than 5"):
        read_pairs_folder(tmp_path)


def test_validation_searches_all_photos_of_the_folder(folder):
    pairs = read_set(f"pairs:{folder}")
    (task,) = make_tasks([pairs], "val", held_back([pairs.name]))
    assert len(task.gallery) == 6
    assert task.is_instance


def test_data_of_ones_own_needs_no_research_data(monkeypatch, tmp_path):
    monkeypatch.setenv("INKSEEK_DATA", str(tmp_path / "nowhere"))
    assert held_back(["pairs:/somewhere"]) == frozenset()
