import pytest

from inkseek.data.datasets.qmul import read_qmul
from inkseek.data.datasets.qmul_first import read_qmul_first
from inkseek.data.verify import Count, count, find_unreadable, require_complete, verify
from inkseek.errors import DatasetError

EXPECTED = {"photos": Count(3), "test photos": Count(1), "sketches": Count(3)}


def read_chairs(root):
    return read_qmul_first(root, name="chairv1", category="chair")


def test_validation_counts_as_training_and_undrawn_photos_as_neither(shoev2):
    assert count(read_qmul(shoev2, stem="ShoeV2", category="shoe")) == {
        "photos": 3,
        "train photos": 1,
        "test photos": 1,
        "sketches": 3,
        "train sketches": 2,
        "test sketches": 1,
        "categories": 1,
        "test categories": 1,
    }


def test_a_whole_set_has_no_problems(chairv1):
    pairs = read_chairs(chairv1)
    result = verify(pairs, EXPECTED)
    assert (result.missing, result.problems) == ((), ())
    assert require_complete(pairs, EXPECTED, chairv1) is pairs


def test_missing_files_and_counts_are_listed_together(shoev2):
    for name in ("11", "22"):
        (shoev2 / "photo" / f"{name}.png").unlink()
    pairs = read_qmul(shoev2, stem="ShoeV2", category="shoe")
    with pytest.raises(DatasetError) as error:
        require_complete(pairs, {"sketches": Count(6730), "photos": Count(2000)}, shoev2)
    text = str(error.value)
    assert f"2 files missing: {shoev2}/photo/11.png, {shoev2}/photo/22.png; " in text
    assert "3 sketches found, 6,730 published" in text
    assert "3 photos found, 2,000 published" in text
    assert text.endswith(f"see `inkseek data verify shoev2 {shoev2}`")


def test_a_message_names_three_missing_files_and_counts_the_others(sketchy_full):
    from inkseek.data.datasets.sketchy_full import read_sketchy_full

    pairs = read_sketchy_full(sketchy_full)
    for sketch in pairs.sketches[:5]:
        sketch.path.unlink()
    (problem,) = verify(pairs, {}).problems
    assert problem.startswith("5 files missing: ")
    assert problem.endswith(" and 2 more")


@pytest.mark.parametrize(("published", "slack", "wrong"), [(5, 2, False), (5, 1, True), (1, 1, 1)])
def test_slack_is_how_far_copies_may_differ(chairv1, published, slack, wrong):
    problems = verify(read_chairs(chairv1), {"photos": Count(published, slack)}).problems
    assert bool(problems) == bool(wrong)


def test_damaged_files_are_found_by_decoding_them(chairv1):
    (chairv1 / "test/images/3.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (chairv1 / "train/sketches/1.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    steps = []
    broken = find_unreadable(read_chairs(chairv1), lambda done, total: steps.append((done, total)))
    assert sorted(path.name for path in broken) == ["1.png", "3.jpg"]
    assert steps[-1] == (6, 6)
    assert all("\n" not in reason for reason in broken.values())
