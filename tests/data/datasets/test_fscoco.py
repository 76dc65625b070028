import shutil

import pytest

from inkseek.data.datasets.fscoco import read_fscoco
from inkseek.data.pack import pack
from inkseek.errors import DatasetError


def test_ids_pair_and_the_list_is_the_test_split(fscoco, tmp_path):
    pairs = read_fscoco(fscoco)
    assert [p.split == "test" for p in pairs.photos] == [False, True]
    assert [s.path.suffix for s in pairs.sketches] == [".npy", ".npy"]
    packed = pack(pairs, tmp_path / "cache", photo_size=8)
    assert len(packed.sketches[1].strokes) == 2


def test_pixels_stand_in_for_strokes_that_are_not_there(fscoco):
    shutil.rmtree(fscoco / "vector_sketches")
    assert [s.path.parts[-3] for s in read_fscoco(fscoco).sketches] == ["raster_sketches"] * 2


def test_what_is_alone_or_unknown_is_named(fscoco):
    (fscoco / "val_normal.txt").write_text("25\n77\n")
    with pytest.raises(DatasetError, match="1 ids without a pair, such as 77"):
        read_fscoco(fscoco)
    (fscoco / "images/1/000000000009.jpg").unlink()
    with pytest.raises(DatasetError, match="such as 1/000000000009"):
        read_fscoco(fscoco)
    (fscoco / "val_normal.txt").unlink()
    with pytest.raises(DatasetError, match=r"no file .*val_normal.txt"):
        read_fscoco(fscoco)
