from inkseek.data.sketch_files import holds_many, read_all
from inkseek.strokes.readers import read_sketch


def test_coordinates_arrays_and_lines_hold_many(shoev2, fscoco):
    assert len(read_all(shoev2 / "ShoeV2_Coordinate")) == 3
    assert len(read_all(fscoco / "vector_sketches/2/000000000025.npy")) == 1


def test_any_other_file_holds_one(chairv2):
    path = chairv2 / "ChairV2_sketch" / "11_2.svg"
    assert not holds_many(path)
    (sketch,) = read_all(path)
    assert sketch.strokes[0].tolist() == read_sketch(path).strokes[0].tolist()
