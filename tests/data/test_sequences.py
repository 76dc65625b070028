import json
from collections import Counter

import numpy as np
import pytest

from inkseek.data.pack import PackedSketches
from inkseek.data.pairs import SPLITS, split_by_digest
from inkseek.data.sequences import load_sequences, measure_scale, normalise
from inkseek.errors import DatasetError
from inkseek.raster.draw import flatten
from inkseek.strokes.sketch import Sketch


def write_category(root, name, count, generator, points=20):
    root.mkdir(exist_ok=True)
    lines = []
    for i in range(count):
        strokes = generator.integers(0, 255, (2, 2, points)).tolist()
        lines.append(json.dumps({"word": name, "key_id": f"{name}{i}", "drawing": strokes}))
    (root / f"{name}.ndjson").write_text("\n".join(lines) + "\n")


@pytest.fixture
def root(tmp_path, generator):
    for name in ("cat", "hot dog"):
        write_category(tmp_path / "data", name, 60, generator)
    return tmp_path / "data"


def load(root, **options):
    options = {"max_points": 100, **options}
    return load_sequences(root, ("cat", "hot dog"), root.parent / "cache", **options)


def test_the_split_hangs_on_the_key(root):
    sequences = load(root)
    assert sequences.names == ("cat", "hot dog")
    assert Counter(sequences.category.tolist()) == {0: 60, 1: 60}
    for i in range(60):
        assert SPLITS[sequences.split[60 + i]] == split_by_digest(f"hot dog{i}")
    assert sum(len(sequences.rows(split)) for split in SPLITS) == 120


def test_the_unit_is_the_deviation_of_training_offsets(root):
    sequences = load(root)
    offsets = [
        np.diff(np.concatenate(sequences.sketches[int(i)].strokes), axis=0)
        for i in sequences.rows("train")
    ]
    assert sequences.scale == pytest.approx(np.concatenate(offsets).std(), rel=1e-6)
    strokes = sequences.strokes(3)
    assert strokes[0][0].tolist() == [0, 0]
    raw = sequences.sketches[3].strokes
    np.testing.assert_allclose(
        strokes[1][4] * sequences.scale, raw[1][4] - raw[0][0], rtol=1e-4, atol=1e-3
    )


def test_a_stored_file_gives_the_same_and_is_not_read_again(root):
    first = load(root)
    (file,) = (root.parent / "cache").glob("sequences-*.npz")
    stamp = file.stat().st_mtime_ns
    second = load(root)
    assert file.stat().st_mtime_ns == stamp
    assert first.scale == second.scale
    assert np.array_equal(first.sketches.points, second.sketches.points)


def test_the_store_knows_what_it_was_made_from(root, generator):
    load(root)
    assert load(root, max_points=10).sketches[0].num_points <= 10
    assert len(load(root, limit=7).sketches) == 14
    write_category(root, "cat", 70, generator)
    assert len(load(root).sketches) == 130


def test_sketch_rnn_archives_are_split_by_content(tmp_path):
    rows = [np.array([[i, 1, 0], [3, i, 1]], dtype=np.int16) for i in range(40)]
    rows.append(rows[0].copy())
    columns = {}
    for part, chosen in (("train", rows[:20]), ("valid", rows[20:30]), ("test", rows[30:])):
        columns[part] = np.empty(len(chosen), dtype=object)
        columns[part][:] = chosen
    np.savez(tmp_path / "pig.npz", **columns)
    sequences = load_sequences(tmp_path, ("pig",), tmp_path / "cache", max_points=50)
    assert len(sequences.sketches) == 41
    assert sequences.split[0] == sequences.split[40]
    assert len(set(sequences.split.tolist())) > 1


def test_a_missing_category_is_named(root):
    with pytest.raises(DatasetError, match="dragon"):
        load_sequences(root, ("dragon",), root, max_points=10)


@pytest.mark.parametrize("points", [[[5.0, 5.0]], [[5.0, 5.0], [5.0, 5.0]]])
def test_dots_have_no_unit(points):
    dot = Sketch((np.array(points, dtype=np.float32),), 256.0)
    with pytest.raises(DatasetError, match=r"point|dot"):
        measure_scale(PackedSketches(*flatten([dot])), np.array([SPLITS.index("train")]))


def test_long_slips_count_as_clipped():
    slip = Sketch((np.array([[0, 0], [0, 9e6], [0, 0]], dtype=np.float32),), 256.0)
    scale = measure_scale(PackedSketches(*flatten([slip])), np.array([SPLITS.index("train")]))
    assert scale == pytest.approx(np.std([0, 1000, 0, -1000]))


def test_an_empty_sketch_is_no_sequence():
    with pytest.raises(DatasetError, match="without strokes"):
        normalise(Sketch((), 256.0), 1.0)
