import pytest
from PIL import Image


def draw(inkseek, model, like, out, *more):
    return inkseek("generate", like, "--model", model, "--out", out, "-n", 3, *more)


def test_a_category_becomes_files_and_one_sheet(inkseek, sketch_model, tmp_path):
    code, said, _ = draw(inkseek, sketch_model, "row", tmp_path / "out")
    assert code == 0
    assert "drew 3 sketches" in said
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["001.svg", "002.svg", "003.svg", "sheet.png"]


def test_a_seed_draws_the_same_again(inkseek, sketch_model, tmp_path):
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        draw(inkseek, sketch_model, "row", tmp_path / folder, "--seed", seed)
    one, again, other = (
        [path.read_text() for path in sorted((tmp_path / folder).glob("*.svg"))] for folder in "abc"
    )
    assert one == again
    assert one != other


def test_a_drawing_is_shown_beside_its_variations(inkseek, sketch_model, drawing, tmp_path):
    code, _, _ = draw(inkseek, sketch_model, drawing, tmp_path / "like")
    draw(inkseek, sketch_model, "row", tmp_path / "row")
    assert code == 0
    widths = []
    for name in ("like", "row"):
        with Image.open(tmp_path / name / "sheet.png") as sheet:
            widths.append(sheet.width)
    assert widths[0] > widths[1]


@pytest.mark.parametrize(
    ("like", "said"),
    [
        ("dragon", "no category 'dragon'; known: row, tower"),
        ("dragon.svg", "dragon.svg is not a file"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(inkseek, sketch_model, tmp_path, like, said):
    code, _, err = draw(inkseek, sketch_model, like, tmp_path / "out")
    assert code == 1
    assert said in err
    assert not (tmp_path / "out").exists()
