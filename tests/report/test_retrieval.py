import numpy as np
import pytest

from inkseek.data.tasks import Task
from inkseek.report.retrieval import evaluate_task, needed_rows


def task(relevant, allowed=None, queries=None):
    relevant = np.array(relevant, dtype=bool)
    allowed = np.ones_like(relevant) if allowed is None else np.array(allowed, dtype=bool)
    index = np.arange(relevant.shape[0]) if queries is None else np.array(queries)
    return Task("t", 0, index, np.arange(relevant.shape[1]), relevant, allowed, index)


def figures(task, sketches, photos):
    return {f.metric: f for f in evaluate_task(task, np.float32(sketches), np.float32(photos))}


PHOTOS = [[1, 0], [0, 1], [-1, 0]]


def test_photos_that_do_not_compete_cannot_rank_first():
    relevant = [[False, True, False]]
    assert figures(task(relevant), [[1, 0]], PHOTOS)["acc@1"].interval.mean == 0
    apart = figures(task(relevant, [[False, True, True]]), [[1, 0]], PHOTOS)
    assert apart["acc@1"].interval.mean == 1
    assert apart["acc@1"].chance == pytest.approx(1 / 2)
    assert apart["acc@10"].chance == 1


def test_category_tasks_are_measured_by_precision():
    found = figures(task([[True, True, False]]), [[1, 0]], PHOTOS)
    assert found["P@1"].interval.mean == 1
    assert found["mAP@all"].interval.mean == pytest.approx(1)
    assert found["P@1"].chance == pytest.approx(2 / 3)


def test_each_row_is_embedded_once_however_many_tasks_ask_for_it():
    shared = task(np.eye(3), queries=[4, 2, 0])
    assert needed_rows([shared, shared], 2) == [([0, 2, 4], [0, 1, 2]), ([], [])]
