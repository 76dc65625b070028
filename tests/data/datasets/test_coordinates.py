import numpy as np
import pytest

from inkseek.data.datasets.coordinates import read_coordinate_keys, read_coordinates, read_npy
from inkseek.errors import DatasetError, SketchFormatError


def test_strokes_end_where_the_pen_is_lifted(shoev2):
    path = shoev2 / "ShoeV2_Coordinate"
    assert read_coordinate_keys(path) == ["/train/11_1", "/train/11_2", "/test/22_1"]
    whole, short, _ = read_coordinates(path)
    assert [s.tolist() for s in whole.strokes] == [[[10, 10], [200, 40]], [[50, 60], [50, 200]]]
    assert len(short.strokes) == 1
    assert whole.canvas_size == 256.0


def test_a_drawing_of_fs_coco_ends_at_its_end_state(fscoco):
    """Without a canvas in the file, the ink's own square is one."""
    (sketch,) = read_npy(fscoco / "vector_sketches/1/000000000009.npy")
    assert [s.tolist() for s in sketch.strokes] == [[[0, 0], [190, 30]], [[40, 50], [40, 190]]]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"cos\nsystem\n(S'true'\ntR.", "has no place"), (b"\x80\x02]q\x00.", "something else")],
)
def test_what_is_no_dictionary_of_arrays_is_refused(tmp_path, content, reason):
    (tmp_path / "ShoeV2_Coordinate").write_bytes(content)
    with pytest.raises(SketchFormatError, match=reason):
        read_coordinates(tmp_path / "ShoeV2_Coordinate")


def test_a_missing_file_and_a_file_of_other_numbers_are_named(tmp_path):
    with pytest.raises(DatasetError, match="no file"):
        read_coordinates(tmp_path / "ShoeV2_Coordinate")
    np.save(tmp_path / "a.npy", np.zeros((4, 2)))
    with pytest.raises(SketchFormatError, match=r"shape \(4, 2\)"):
        read_npy(tmp_path / "a.npy")
    np.save(tmp_path / "b.npy", np.array([{}]), allow_pickle=True)
    with pytest.raises(SketchFormatError, match="cannot be read"):
        read_npy(tmp_path / "b.npy")
