import numpy as np
import pytest

from inkseek.data.tasks import Task
from inkseek.report.retrieval import BEYOND, evaluate_task, expand_distances, needed_rows


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


def test_expanded_distances_rank_as_the_search_does(crowd):
    searcher, rows = crowd
    queries = rows[:3]
    ranked = np.argsort(expand_distances(1 - queries @ rows.T, queries, rows), axis=1)
    for query, order in zip(queries, ranked, strict=True):
        hits = searcher.search_embedding(query, len(rows))
        assert [int(hit.photo_id, 16) for hit in hits] == order.tolist()


def test_photos_that_do_not_compete_stay_last_when_expanded(generator):
    rows = generator.standard_normal((20, 4)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    distances = np.where(np.arange(20) < 12, 1 - rows[:1] @ rows.T, BEYOND)
    ranked = np.argsort(expand_distances(distances, rows[:1], rows), axis=1)
    assert set(ranked[0, :12].tolist()) == set(range(12))


def test_each_row_is_embedded_once_however_many_tasks_ask_for_it():
    shared = task(np.eye(3), queries=[4, 2, 0])
    assert needed_rows([shared, shared], 2) == [([0, 2, 4], [0, 1, 2]), ([], [])]
