import pytest

from inkseek import assets
from inkseek.assets import find_asset
from inkseek.errors import InkseekError


@pytest.fixture
def places(tmp_path, monkeypatch):
    """The two places of a wheel and of a checkout, both empty."""
    places = (tmp_path / "wheel", tmp_path / "checkout")
    monkeypatch.setattr(assets, "PLACES", places)
    return places


def test_an_asset_of_the_wheel_comes_first(places):
    for place in places:
        (place / "samples").mkdir(parents=True)
    assert find_asset("samples") == places[0] / "samples"


def test_an_asset_of_the_checkout_is_found(places):
    (places[1] / "models" / "default").mkdir(parents=True)
    assert find_asset("models/default") == places[1] / "models" / "default"


def test_a_missing_asset_says_where_it_was_sought_and_what_to_do(places):
    with pytest.raises(InkseekError, match=r"^no samples in .*wheel or .*checkout; reinstall"):
        find_asset("samples")


def test_a_file_of_that_name_is_no_asset(places):
    places[0].mkdir()
    (places[0] / "samples").write_text("a file")
    with pytest.raises(InkseekError, match="no samples"):
        find_asset("samples")


def test_the_sample_gallery_ships_with_its_licence():
    samples = find_asset("samples")
    assert len(list((samples / "photos").glob("*.webp"))) >= 400
    assert "MIT License" in (samples / "LICENSE").read_text()
    assert sum(file.stat().st_size for file in samples.rglob("*")) < 5 * 2**20
