import json

import pytest

from inkseek.card import read_card, read_checked
from inkseek.errors import ModelError


def edit(folder, **changes):
    path = folder / "card.json"
    tree = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(tree))


@pytest.fixture
def folder(tiny_model, tmp_path):
    for file in tiny_model.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def test_the_digest_names_the_embedding_space_not_the_precision(folder):
    card = read_card(folder)
    assert card.digest == card.files["student.onnx"][:16]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"speed": 1}, "speed: Extra inputs are not permitted"),
        ({"dim": "wide"}, "dim: Input should be a valid integer"),
        ({"files": {}}, "does not list student.onnx"),
    ],
)
def test_a_wrong_card_says_where(folder, changes, message):
    edit(folder, **changes)
    with pytest.raises(ModelError, match=message):
        read_card(folder)


def test_a_folder_without_a_card_is_not_a_model(tmp_path):
    with pytest.raises(ModelError, match=r"not a model folder: it has no card\.json"):
        read_card(tmp_path)


def test_a_changed_file_is_refused(folder):
    (folder / "student.onnx").write_bytes(b"something else")
    with pytest.raises(ModelError, match="is not the file its card describes"):
        read_checked(folder, "student.onnx", read_card(folder))


def test_a_missing_file_says_which(folder):
    (folder / "student.onnx").unlink()
    with pytest.raises(ModelError, match=r"student\.onnx cannot be read"):
        read_checked(folder, "student.onnx", read_card(folder))
    with pytest.raises(ModelError, match=r"has no selector\.onnx; it has student\.onnx"):
        read_checked(folder, "selector.onnx", read_card(folder))
