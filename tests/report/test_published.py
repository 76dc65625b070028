import csv

import pytest

from inkseek.report.published import BESIDE, find_published


@pytest.fixture
def spec(data_root):
    tables = data_root.parent / "spec" / "tables"
    if not tables.is_dir():
        pytest.skip(f"no transcribed tables at {tables}")

    def read(name):
        text = (tables / name).read_text(encoding="utf-8")
        return list(csv.DictReader(text.splitlines(), delimiter="\t"))

    return read


METHODS = {
    "B-VGG16-SN": ("B-VGG16-SN", "256x256"),
    "SketchyNetV2 of it": ("B-VGG16-SN", "SketchyNetV2"),
}


def test_values_are_those_of_table_2(spec):
    rows = {(r["method"], r["canvas"]): r for r in spec("sketchynet_table2.tsv")}
    checked = 0
    for (_, metric), numbers in BESIDE.items():
        for number in numbers:
            if number.source == "SketchyNet, Table 2":
                column = f"{number.data}_top{metric.removeprefix('acc@')}"
                printed = float(rows[METHODS[number.method]][column])
                assert number.value == pytest.approx(printed / 100)
                checked += 1
    assert checked == 8


def test_values_are_those_of_table_5(spec):
    rows = {r["method"]: r for r in spec("sketchynet_table5.tsv")}
    numbers = find_published("sketchy/category", "mAP@all")
    assert len(numbers) == 2
    for number in numbers:
        assert number.value == float(rows[number.method]["mAP_all"])


def test_most_tasks_have_no_published_number():
    assert find_published("emoji", "acc@1") == ()
    assert all(0 < n.value < 1 for numbers in BESIDE.values() for n in numbers)
