import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkseek.gallery import scan
from inkseek.gallery.scan import (
    RowScan,
    bound_by_bytes,
    bound_by_floats,
    keep_best,
    keep_reachable,
    sum_in_doubles,
    to_byte_rows,
)

LARGEST = float(np.finfo(np.float32).max)


def make_random(count: int, dim: int, chance: np.random.Generator) -> np.ndarray:
    rows = chance.standard_normal((count, dim))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def make_clustered(count: int, dim: int, chance: np.random.Generator) -> np.ndarray:
    centres = chance.standard_normal((5, dim))
    rows = centres[chance.integers(0, 5, count)] + 1e-4 * chance.standard_normal((count, dim))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def make_duplicates(count: int, dim: int, chance: np.random.Generator) -> np.ndarray:
    return make_random(7, dim, chance)[chance.integers(0, 7, count)]


def make_spiky(count: int, dim: int, chance: np.random.Generator) -> np.ndarray:
    """One number of each row takes the whole scale, so that the others vanish in their bytes."""
    rows = 1e-3 * chance.standard_normal((count, dim))
    rows[np.arange(count), chance.integers(0, dim, count)] = 1
    return rows


def make_lengths(count: int, dim: int, chance: np.random.Generator) -> np.ndarray:
    rows = make_random(count, dim, chance)
    return rows * 10.0 ** chance.uniform(-30, 15, (count, 1))


def make_tiny(count: int, dim: int, chance: np.random.Generator) -> np.ndarray:
    """Below the smallest normal float32, and zeros."""
    return 1e-42 * chance.integers(-9, 10, (count, dim))


MAKERS = {
    make.__name__: make
    for make in (
        make_random,
        make_clustered,
        make_duplicates,
        make_spiky,
        make_lengths,
        make_tiny,
    )
}
each_kind = pytest.mark.parametrize("kind", MAKERS)


def make(kind: str, count: int, dim: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows, and a query that is close to some of them."""
    chance = np.random.default_rng(seed)
    rows = MAKERS[kind](count, dim, chance).astype(np.float32)
    query = rows[0].astype(np.float64) + rows[-1]
    query += 0.1 * np.abs(query).max() * chance.standard_normal(dim)
    return rows, query.astype(np.float32)


def similarities_by_hand(rows: np.ndarray, query: np.ndarray) -> np.ndarray:
    return (rows.astype(np.float64) * query.astype(np.float64)).sum(axis=1).astype(np.float32)


def assert_nearest(found: scan.Nearest, rows: np.ndarray, query: np.ndarray, k: int, among) -> None:
    every = similarities_by_hand(rows, query)
    left = np.arange(len(rows)) if among is None else among
    kept = np.sort(every[left])[::-1][:k]
    wanted = left[every[left] >= kept[-1]] if len(kept) else left[:0]
    np.testing.assert_array_equal(found.rows, wanted)
    np.testing.assert_array_equal(found.similarities, every[wanted])


@pytest.fixture
def always_bytes(monkeypatch):
    monkeypatch.setattr(scan, "BYTES_PAY", 0)
    monkeypatch.setattr(scan, "FEW_ROWS", 16)


@each_kind
@pytest.mark.parametrize(("count", "dim"), [(1, 1), (3, 128), (1000, 3), (5000, 128), (4999, 77)])
@pytest.mark.parametrize("k", [0, 1, 10, 64, 4998, 9999])
def test_what_is_found_is_what_numpy_finds_among_all(kind, count, dim, k, always_bytes):
    rows, query = make(kind, count, dim)
    scanned = RowScan(rows)
    for _ in range(2):
        assert_nearest(scanned.find_nearest(query, k), rows, query, k, None)


@each_kind
@pytest.mark.parametrize("share", [0.0, 0.002, 0.3, 1.0])
def test_a_filtered_scan_is_exact_among_what_is_left(kind, share, always_bytes):
    rows, query = make(kind, 3000, 32)
    among = np.flatnonzero(np.random.default_rng(3).random(len(rows)) < share)
    scanned = RowScan(rows)
    for k in (1, 20, 2000):
        assert_nearest(scanned.find_nearest(query, k, among), rows, query, k, among)


def test_the_float32_product_of_numpy_has_the_same_best_and_nearly_the_same_similarities():
    rows, query = make("make_random", 25_000, 128)
    scanned = RowScan(rows)
    product = rows @ query
    for _ in range(3):
        found = scanned.find_nearest(query, 50)
        np.testing.assert_array_equal(found.rows, np.sort(np.argsort(-product)[:50]))
        np.testing.assert_allclose(found.similarities, product[found.rows], rtol=0, atol=3e-7)


def test_bytes_are_used_from_the_second_query_of_many_rows_on(monkeypatch):
    shortened = []
    monkeypatch.setattr(scan, "to_byte_rows", lambda m: shortened.append(m) or to_byte_rows(m))
    few, many = (RowScan(make("make_random", n, 8)[0]) for n in (2000, scan.BYTES_PAY))
    query = np.ones(8, np.float32)
    for _ in range(3):
        few.find_nearest(query, 5)
    many.find_nearest(query, 5)
    assert shortened == []
    for _ in range(3):
        many.find_nearest(query, 5)
    assert [len(matrix) for matrix in shortened] == [scan.BYTES_PAY]


def dot_exactly(row: np.ndarray, query: np.ndarray) -> Fraction:
    pairs = zip(row.tolist(), query.tolist(), strict=True)
    return sum((Fraction(x) * Fraction(q) for x, q in pairs), Fraction(0))


@settings(max_examples=60)
@given(
    kind=st.sampled_from(list(MAKERS)),
    dim=st.sampled_from([1, 2, 5, 64, 130]),
    seed=st.integers(0, 10**6),
    power=st.integers(-30, 20),
)
def test_the_exact_similarity_and_ours_lie_within_both_intervals(kind, dim, seed, power):
    rows, query = make(kind, 12, dim, seed)
    query = (query * 10.0**power).astype(np.float32)
    query[~np.isfinite(query)] = 1
    ours = sum_in_doubles(rows, np.arange(12), query)
    exact = [dot_exactly(row, query) for row in rows]
    lengths = RowScan(rows)._lengths
    for bounds in (
        bound_by_bytes(to_byte_rows(rows), query),
        bound_by_floats(rows, lengths, query),
    ):
        for i in range(12):
            low, high = float(bounds.lower[i]), float(bounds.upper[i])
            assert low <= float(ours[i]) <= high
            assert low == -np.inf or Fraction(min(low, LARGEST)) <= exact[i]
            assert high == np.inf or exact[i] <= Fraction(max(high, -LARGEST))


@each_kind
def test_a_row_is_its_bytes_and_a_rest_no_longer_than_said(kind):
    rows, _ = make(kind, 200, 50)
    short = to_byte_rows(rows)
    rest = rows.astype(np.float64) - short.scale[:, None].astype(np.float64) * short.codes
    assert (np.linalg.norm(rest, axis=1) <= short.error).all()
    assert (np.linalg.norm(rows.astype(np.float64), axis=1) <= short.length).all()
    assert (np.linalg.norm(rows.astype(np.float64), axis=1) <= RowScan(rows)._lengths).all()
    assert np.abs(short.codes.astype(int)).max(initial=0) <= scan.CODE_LIMIT


def test_intervals_are_narrow_where_nothing_is_odd():
    """Right but wide intervals would rule nothing out."""
    rows, query = make("make_random", 20_000, 128)
    query /= np.linalg.norm(query)
    bounds = bound_by_bytes(to_byte_rows(rows), query)
    assert np.mean(bounds.upper - bounds.lower) < 0.02
    assert len(keep_reachable(bounds, 50)) < 200


@pytest.mark.parametrize("dim", [1, 128, 20_000])
def test_the_largest_codes_do_not_overflow(dim):
    rows = np.ones((3, dim), np.float32)
    rows[1] = -1
    bounds = bound_by_bytes(to_byte_rows(rows), np.full(dim, 1, np.float32))
    np.testing.assert_allclose(bounds.lower, [dim, -dim, dim], rtol=1e-3)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_row_that_is_not_finite_hides_no_other(value, always_bytes):
    rows, query = make("make_random", 300, 16)
    query = np.abs(query)
    rows[5] = value
    rows[6, 3] = value
    scanned = RowScan(rows)
    for _ in range(2):
        found = scanned.find_nearest(query, 20)
        finite = np.delete(np.arange(300), [5, 6])
        num_first = 2 if value == np.inf else 0
        best = finite[np.argsort(-similarities_by_hand(rows[finite], query))[: 20 - num_first]]
        assert set(best) <= set(found.rows) <= {*best, 5, 6}


def test_the_rows_of_the_caller_stay_writable():
    rows = np.eye(3, dtype=np.float32)
    assert not RowScan(rows).matrix.flags.writeable
    rows[0, 0] = 2


@given(
    count=st.integers(0, 1500),
    k=st.integers(0, 60),
    levels=st.sampled_from([2, 50, 10**6]),
    seed=st.integers(0, 99),
)
def test_the_best_are_kept_with_all_their_ties(count, k, levels, seed):
    values = np.random.default_rng(seed).integers(0, levels, count).astype(np.float32) / levels
    kept = keep_best(values, k)
    last = np.sort(values)[::-1][:k][-1] if count and k else np.inf
    np.testing.assert_array_equal(kept, np.flatnonzero(values >= last))


@pytest.mark.slow
def test_the_kernels_are_compiled_once_for_all_processes(tmp_path):
    code = "import sys, numpy as np; from inkseek.gallery import scan; "
    code += "scan.to_byte_rows(scan.RowScan(np.eye(4, dtype=np.float32)).matrix); "
    code += "print(sum(scan._shorten.stats.cache_hits.values()))"
    hits = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert hits[1].stdout.strip() == "1"
