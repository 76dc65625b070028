r"""The exact nearest rows of a matrix in memory, read at a quarter of its size.

The similarity of row $x$ and query $q$ is $S = \mathrm{fl}_{32}(\sum_j x_j q_j)$: summed in doubles
and rounded once. A row's similarity then depends on that row alone, which a float32 BLAS product
does not promise: there equal rows may differ in the last bit by where they lie in the matrix.

Few rows need that sum. A cheap product gives each row an interval that holds $S$; a row whose
upper end is below the $k$-th largest lower end is beaten by $k$ others, and cannot even tie.
The cheap product is one of

- bytes, with $x = sc + r$, $q = td + e$, $c$ of int8, $d$ of int16 and $c \cdot d$ exact in int32:
  $$ |x \cdot q - st\,(c \cdot d)| \le |r \cdot q| + |sc \cdot e|
     \le \|r\|\,\|q\| + (\|x\| + \|r\|)\,\|e\| $$
- float32 in any order of summation (Higham 2002, section 3.1), with $u = 2^{-24}$:
  $$ |x \cdot q - \mathrm{fl}(x \cdot q)| \le \frac{du}{1 - du}\,\|x\|\,\|q\| $$

each widened by what rounding $S$ and the ends of the interval can add.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import no_type_check

import numpy as np
from jaxtyping import Float, Float32, Int, Int8
from numba import njit

BYTES_PAY = 20_000
"""Below this many rows the float32 product is quick enough."""

FEW_ROWS = 1024
"""This many rows are summed in doubles at once, without a look at intervals first."""

COLUMN = 64
"""Values of which a search for the largest ones looks at the largest one first."""

CODE_LIMIT = 127
QUERY_LIMIT = 32_767

ROUNDING = 2.0**-20
"""Share of |x||q| that covers every rounding to float32 and double; a rounding is 2**-24 of it."""

UNDERFLOW = 1e-40
"""Covers what is lost near zero, where a float32 is off by 2**-150 whatever its size."""


@dataclass(frozen=True)
class Bounds:
    """Ends of an interval a row, between which its similarity lies."""

    lower: Float32[np.ndarray, " gallery"]
    upper: Float32[np.ndarray, " gallery"]


@dataclass(frozen=True)
class Nearest:
    """Rows of a matrix in ascending order, and their similarities to the query."""

    rows: Int[np.ndarray, " kept"]
    similarities: Float32[np.ndarray, " kept"]


@dataclass(frozen=True)
class ByteRows:
    """A matrix in a quarter of its size: row i is `scale[i] * codes[i]`, and a rest.

    Attributes:
        codes: Each in [-127, 127].
        scale: Of each row's codes.
        error: Euclidean length of each row's rest, or a little more.
        length: Euclidean length of each row, or a little more.
    """

    codes: Int8[np.ndarray, "gallery dim"]
    scale: Float32[np.ndarray, " gallery"]
    error: Float32[np.ndarray, " gallery"]
    length: Float32[np.ndarray, " gallery"]


class RowScan:
    """Rows that are searched again and again.

    Args:
        matrix: One row a photo, of any length; a row that is not finite has no similarity to
            speak of and comes last.
    """

    def __init__(self, matrix: Float32[np.ndarray, "gallery dim"]) -> None:
        # One signature for numba, whoever owns the memory.
        self.matrix = np.ascontiguousarray(matrix).view()
        self.matrix.flags.writeable = False
        self._num_scans = 0

    def find_nearest(
        self,
        query: Float32[np.ndarray, " dim"],
        k: int,
        among: Int[np.ndarray, " kept"] | None = None,
    ) -> Nearest:
        """The k rows most similar to a query, and whatever ties with the last of them.

        Args:
            query: Finite.
            k: Fewer come back when there are no more.
            among: Ascending row numbers to search; all when None.
        """
        count = len(self.matrix) if among is None else len(among)
        if FEW_ROWS < count > k > 0:
            rows = self._find_reachable(query, k, among)
        else:
            rows = np.arange(count) if among is None else among
        similarities = sum_in_doubles(self.matrix, rows, query)
        best = keep_best(similarities, k)
        return Nearest(rows[best], similarities[best])

    def _find_reachable(
        self,
        query: Float32[np.ndarray, " dim"],
        k: int,
        among: Int[np.ndarray, " kept"] | None,
    ) -> Int[np.ndarray, " reachable"]:
        bounds = self._bound(query)
        if among is None:
            rows = keep_reachable(bounds, k)
        else:
            rows = among[keep_reachable(Bounds(bounds.lower[among], bounds.upper[among]), k)]
        if len(rows) > max(k, FEW_ROWS):
            narrow = bound_by_floats(self.matrix[rows], self._lengths[rows], query)
            rows = rows[keep_reachable(narrow, k)]
        return rows

    def _bound(self, query: Float32[np.ndarray, " dim"]) -> Bounds:
        # The first query of a process may be its only one: reading every row to shorten it, and
        # loading the kernels, would cost a cold search more than they save.
        self._num_scans += 1
        if self._num_scans > 1 and len(self.matrix) >= BYTES_PAY:
            return bound_by_bytes(self._byte_rows, query)
        return bound_by_floats(self.matrix, self._lengths, query)

    @cached_property
    def _byte_rows(self) -> ByteRows:
        return to_byte_rows(self.matrix)

    @cached_property
    def _lengths(self) -> Float32[np.ndarray, " gallery"]:
        with np.errstate(over="ignore", invalid="ignore"):
            squares = np.einsum("ij,ij->i", self.matrix, self.matrix)
        # Squares of 1e-23 and less vanish; sums are off by a 2**-23 of them a term at most.
        dim = self.matrix.shape[1]
        return np.asarray(np.sqrt(squares) * (1 + dim * 2.0**-22) + 1e-21 * dim, np.float32)


def sum_in_doubles(
    matrix: Float32[np.ndarray, "gallery dim"],
    rows: Int[np.ndarray, " kept"],
    query: Float32[np.ndarray, " dim"],
) -> Float32[np.ndarray, " kept"]:
    """The similarity of some rows, by its definition; minus infinity for what is not a number."""
    similarities = np.empty(len(rows), np.float32)
    wide = query.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        for begin in range(0, len(rows), FEW_ROWS):
            part = rows[begin : begin + FEW_ROWS]
            # numpy sums each contiguous row on its own; a product of matrices would not.
            similarities[begin : begin + FEW_ROWS] = (matrix[part] * wide).sum(axis=1)
    similarities[np.isnan(similarities)] = -np.inf
    return similarities


def bound_by_floats(
    matrix: Float32[np.ndarray, "gallery dim"],
    length: Float32[np.ndarray, " gallery"],
    query: Float32[np.ndarray, " dim"],
) -> Bounds:
    """Intervals from one float32 product; `length` is that of each row, or a little more."""
    units = matrix.shape[1] * 2.0**-24
    share = np.float32((units / (1 - units) + ROUNDING) * _norm(query))
    with np.errstate(over="ignore", invalid="ignore"):
        product = matrix @ query
        slack = length * share + np.float32(UNDERFLOW)
        lower, upper = product - slack, product + slack
        # A sum that overflowed on its way says nothing.
        is_lost = ~np.isfinite(upper)
    lower[is_lost], upper[is_lost] = -np.inf, np.inf
    return Bounds(lower, upper)


def bound_by_bytes(rows: ByteRows, query: Float32[np.ndarray, " dim"]) -> Bounds:
    """Intervals from one product of integers."""
    dim = max(1, len(query))
    # No sum of products may pass the range of int32.
    limit = min(QUERY_LIMIT, (2**31 - 1) // (CODE_LIMIT * dim))
    wide = query.astype(np.float64)
    step = float(np.abs(wide).max(initial=0.0)) / limit or 1.0
    codes = np.rint(wide / step).astype(np.int16)
    rest = _norm(wide - step * codes)
    norm = _norm(query)
    ends = np.empty((2, len(rows.scale)), np.float32)
    _bound_rows(
        rows.codes,
        rows.scale,
        rows.error,
        rows.length,
        codes,
        (step, norm + rest, rest + ROUNDING * norm),
        ends,
    )
    return Bounds(ends[0], ends[1])


def to_byte_rows(matrix: Float32[np.ndarray, "gallery dim"]) -> ByteRows:
    """Shorten each row to bytes of its own scale."""
    codes = np.empty(matrix.shape, np.int8)
    scale, error, length = (np.empty(len(matrix), np.float32) for _ in range(3))
    _shorten(matrix, codes, scale, error, length)
    return ByteRows(codes, scale, error, length)


def keep_reachable(bounds: Bounds, k: int) -> Int[np.ndarray, " kept"]:
    """Rows that may be among the k best, or tie with the last; at least k when there are."""
    if k >= len(bounds.lower):
        return np.arange(len(bounds.lower))
    return np.flatnonzero(bounds.upper >= find_kth_largest(bounds.lower, k))


def keep_best(similarities: Float32[np.ndarray, " gallery"], k: int) -> Int[np.ndarray, " kept"]:
    """The k largest, and whatever ties with the last of them."""
    if k >= len(similarities):
        return np.arange(len(similarities))
    if k <= 0:
        return np.arange(0)
    return np.flatnonzero(similarities >= find_kth_largest(similarities, k))


def find_kth_largest(values: Float32[np.ndarray, " gallery"], k: int) -> np.float32:
    """The k-th largest, for 0 < k <= the number of values, none of which is NaN."""
    # k columns have a maximum of this much or more, so the k largest are among what reaches it:
    # a glance at the columns spares sorting through every row.
    num_columns = len(values) // COLUMN
    if k < num_columns:
        tops = values[: num_columns * COLUMN].reshape(COLUMN, num_columns).max(axis=0)
        values = values[values >= np.partition(tops, num_columns - k)[num_columns - k]]
    kth: np.float32 = np.partition(values, len(values) - k)[len(values) - k]
    return kth


def _norm(values: Float[np.ndarray, " dim"]) -> float:
    """Length of a vector, or a little more."""
    return float(np.linalg.norm(values.astype(np.float64))) * (1 + 1e-9)


@njit(cache=True, nogil=True, error_model="numpy")
@no_type_check
def _bound_rows(codes, scale, error, length, query, shares, ends):  # noqa: ANN001, ANN202
    step, error_share, length_share = shares
    products = np.empty(codes.shape[0], np.int32)
    for i in range(codes.shape[0]):
        row = codes[i]
        product = np.int32(0)
        for j in range(query.shape[0]):
            # Numba widens sums to int64, which takes a register twice as wide.
            product = np.int32(product + np.int32(row[j]) * np.int32(query[j]))
        products[i] = product
    # A loop of its own, which the compiler turns into vectors of rows.
    for i in range(codes.shape[0]):
        middle = scale[i] * (step * products[i])
        slack = error[i] * error_share + length[i] * length_share + UNDERFLOW
        # False for what is not a number as well: such a row is never ruled out.
        is_known = slack < np.inf
        ends[0, i] = middle - slack if is_known else -np.inf
        ends[1, i] = middle + slack if is_known else np.inf


@njit(cache=True, nogil=True, error_model="numpy")
@no_type_check
def _shorten(matrix, codes, scale, error, length):  # noqa: ANN001, ANN202
    for i in range(matrix.shape[0]):
        row = matrix[i]
        top = np.float32(0.0)
        squares = 0.0
        for j in range(row.shape[0]):
            value = np.float64(row[j])
            squares += value * value
            top = max(top, abs(row[j]))
        step = np.float32(top / np.float32(CODE_LIMIT))
        if not np.isfinite(squares):
            # A length of infinity rules nothing out.
            step = np.float32(0.0)
        rest = 0.0
        for j in range(row.shape[0]):
            value = np.float64(row[j])
            code = np.rint(value / step) if step > 0.0 else 0.0
            code = min(max(code, -127.0), 127.0)
            codes[i, j] = np.int8(code)
            rest += (value - step * code) ** 2
        scale[i] = step
        # Rounded up: float32 takes off 2**-24 at most, and doubles far less.
        error[i] = np.sqrt(rest) * (1.0 + 1e-6) + UNDERFLOW
        length[i] = np.sqrt(squares) * (1.0 + 1e-6) + UNDERFLOW
