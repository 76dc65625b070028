from hashlib import blake2b

import numpy as np
import pytest
from PIL import Image

from inkseek.errors import PhotoError
from inkseek.indexing.decode import DecodeJob, decode_file, decode_files
from inkseek.raster.photo import decode_photo, fit_square


@pytest.fixture
def path(photos, save_photo):
    return save_photo(photos / "a.png", 1)


def test_a_file_becomes_its_digest_and_a_small_square(path):
    decoded = decode_file(DecodeJob(str(path), 16))
    assert decoded.photo_id == blake2b(path.read_bytes(), digest_size=16).hexdigest()
    assert (decoded.photo.width, decoded.photo.height) == (30, 20)
    pixels = decode_photo(path, max_side=16).pixels
    np.testing.assert_array_equal(decoded.photo.pixels, fit_square(pixels, 16))


def test_a_known_content_is_not_decoded_again(path):
    photo_id = decode_file(DecodeJob(str(path), 16)).photo_id
    again = decode_file(DecodeJob(str(path), 16, frozenset({photo_id})))
    assert (again.photo_id, again.photo) == (photo_id, None)


def test_an_error_names_the_file(photos):
    (photos / "bad.jpg").write_bytes(b"bad")
    with pytest.raises(PhotoError, match=r"/bad\.jpg is not a photo we read"):
        decode_file(DecodeJob(str(photos / "bad.jpg"), 16))


@pytest.mark.slow
def test_many_files_come_back_each_with_its_own_result(photos, save_photo):
    paths = [str(save_photo(photos / f"{i}.png", i)) for i in range(6)]
    (photos / "bad.jpg").write_bytes(b"bad")
    jobs = [DecodeJob(path, 16) for path in [*paths, str(photos / "bad.jpg")]]
    results = {job.path: result for job, result in decode_files(jobs, workers=2)}
    assert isinstance(results.pop(str(photos / "bad.jpg")), PhotoError)
    assert {path: result.photo_id for path, result in results.items()} == {
        path: decode_file(DecodeJob(path, 16)).photo_id for path in paths
    }


@pytest.mark.slow
def test_the_largest_photo_that_is_allowed_fits_the_memory_limit(photos):
    path = photos / "large.png"
    Image.new("RGBA", (13_000, 13_000), (9, 9, 9, 128)).save(path, compress_level=1)
    ((_, result),) = decode_files([DecodeJob(str(path), 32)], workers=1)
    assert not isinstance(result, Exception), str(result)
    assert result.photo.width == 13_000
