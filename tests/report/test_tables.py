import json

import pytest

from inkseek.errors import InkseekError
from inkseek.report.tables import PUBLISHED, read_result, read_results

INTERVAL = {"mean": 0.5, "low": 0.25, "high": 0.75, "level": 0.95}


@pytest.fixture
def write(tmp_path):
    def write(content, name="one"):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(content))
        return path

    return write


def test_notes_say_how_a_result_came_about(write):
    result = read_result(
        write(
            {"command": "python x.py", "recipe": {"name": "r", "steps": 3}, "cores": 2, "seed": 0}
        )
    )
    assert result.name == "one"
    assert result.notes == {"command": "python x.py", "recipe": "r", "seed": "0"}
    assert result.tables == ()


def test_a_mean_with_its_ends_is_one_cell(write):
    rows = [{"task": "emoji", "interval": INTERVAL, "queries": 7}, {"by": "chance", **INTERVAL}]
    (table,) = read_result(write({"figures": rows})).tables
    assert table.title == "figures"
    assert table.columns == ("task", "interval", "queries", "by", "mean")
    assert table.rows == (
        {"task": "emoji", "interval": "0.500 [0.250, 0.750]", "queries": "7"},
        {"by": "chance", "mean": "0.500 [0.250, 0.750]"},
    )


def test_a_papers_number_stands_in_the_last_column(write):
    rows = [{"task": "shoes", "metric": "acc@1"}, {"task": "emoji", "metric": "acc@1", "more": 1}]
    (table,) = read_result(write({"figures": rows})).tables
    assert table.columns == ("task", "metric", "more", PUBLISHED)
    assert table.rows[0][PUBLISHED].startswith("0.330 (B-VGG16-SN on ShoeV2; SketchyNet, Table 2)")
    assert PUBLISHED not in table.rows[1]


def test_nested_objects_are_columns_and_nested_lists_tables(write):
    content = {
        "rows": [{"size": 32, "rate": {"ours": 1234.5, "theirs": 0.12345}, "ok": True, "no": None}],
        "confidence": {"error": 0.1, "bins": [{"low": 0.0, "count": 3}]},
        "by_canvas": {"32": {"acc": 0.5}, "64": {"acc": 0.6}},
    }
    first, second, third = read_result(write(content)).tables
    assert first.columns == ("size", "rate ours", "rate theirs", "ok", "no")
    assert first.rows[0] == {
        "size": "32", "rate ours": "1,234", "rate theirs": "0.1235", "ok": "yes", "no": "",
    }  # fmt: skip
    assert (second.title, second.columns) == ("confidence bins", ("low", "count"))
    assert (third.columns, third.rows[1]) == (("", "acc"), {"": "64", "acc": "0.6"})


def test_files_are_read_by_name_and_broken_ones_named(write, tmp_path):
    with pytest.raises(InkseekError, match="no results in"):
        read_results(tmp_path)
    write({}, "b")
    write({}, "a")
    assert [result.name for result in read_results(tmp_path)] == ["a", "b"]
    write([], "c")
    with pytest.raises(InkseekError, match=r"c\.json is not a JSON object"):
        read_results(tmp_path)
    (tmp_path / "c.json").write_text("{")
    with pytest.raises(InkseekError, match=r"c\.json is not JSON"):
        read_results(tmp_path)
