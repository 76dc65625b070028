import io
import zipfile

import numpy as np
import pytest

from inkseek.errors import SketchFormatError
from inkseek.strokes.readers import parse_sketch, read_sketches

CAT = np.array([[5, 5, 0], [10, 0, 0], [0, 20, 1], [-3, 0, 0], [0, 7, 1]], np.int16)


def objects(*sketches):
    array = np.empty(len(sketches), object)
    array[:] = sketches
    return array


def save(path, **parts):
    np.savez_compressed(path, **parts)
    return path


def test_parts_follow_each_other(tmp_path):
    path = save(
        tmp_path / "cat.npz",
        test=objects(CAT[:2]),
        valid=objects(),
        train=objects(CAT, CAT.astype(np.float32)[:4]),
    )
    sketches = list(read_sketches(path))
    assert [s.num_points for s in sketches] == [5, 4, 2]
    np.testing.assert_array_equal(sketches[0].strokes[0], [[0, 0], [10, 0], [10, 20]])
    np.testing.assert_array_equal(sketches[0].strokes[1], [[7, 20], [7, 27]])
    assert sketches[0].canvas_size == 27
    assert [len(stroke) for stroke in sketches[1].strokes] == [3, 1]


def test_pickles_of_python_2_are_read():
    # As numpy 1.13 under Python 2 wrote it: protocol 2, text for bytes, the old module name.
    pickled = (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85"
        b"U\x01b\x87R(K\x01K\x01\x85cnumpy\ndtype\nq\x03U\x02O8K\x00K\x01\x87R(K\x03U\x01|NNN"
        b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb\x89]h\x01h\x02K\x00\x85U\x01b\x87R(K\x01K\x01K\x03"
        b"\x86h\x03U\x02i2K\x00K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        b"\x89U\x06\x05\x00\x06\x00\x01\x00tbatb."
    )
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|O", "fortran_order": False, "shape": (1,)}
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("train.npy", header.getvalue() + pickled)
    assert parse_sketch(file.getvalue(), "old.npz").num_points == 1


@pytest.mark.parametrize("kind", [">i2", "<i4", "i1", ">f4", "<f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_kind_of_number_is_read_as_numpy_reads_it(tmp_path, kind, order):
    path = save(tmp_path / "cat.npz", train=objects(np.array(CAT, kind, order=order), CAT))
    first, second = read_sketches(path)
    for stroke, same in zip(first.strokes, second.strokes, strict=True):
        np.testing.assert_array_equal(stroke, same)


@pytest.mark.parametrize(
    "parts",
    [
        {"other": objects(CAT)},
        {"train": np.zeros((3, 3), np.int16)},
        {"train": objects("word")},
        {"train": objects(CAT[:, :2])},
        {"train": objects()},
    ],
)
def test_other_archives_are_refused(tmp_path, parts):
    path = save(tmp_path / "cat.npz", **parts)
    with pytest.raises(SketchFormatError, match=r"cat.npz"):
        parse_sketch(path.read_bytes(), "cat.npz")
