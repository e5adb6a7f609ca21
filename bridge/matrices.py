"""Matrices that hypotheses tie: inverses of one another, rotations, doubly stochastic ones.

Random matrices meet `Eq(Sum(B[a, k] * A[k, b], (k, 1, d)), KroneckerDelta(a, b))`, and have rows
and columns that sum to one, at size 1 alone, where a claim about matrices says next to nothing.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import fmpq, fmpq_mat
from sympy import Basic, Eq, Indexed, KroneckerDelta, Mul, Sum
from sympy.core.relational import Relational

from bridge.roles import normalized


def matched(assuming: Sequence[Relational], values: Mapping[Basic, Any]) -> dict[Basic, Any]:
    """The matrices that hypotheses make of others among `values`, as nested lists of fractions.

    Of a pair whose product is the identity the first is the inverse of the second; of one that
    is its own transpose's inverse, a rotation is made by Cayley's transform. A matrix without an
    inverse ties nothing.
    """
    found: dict[Basic, Any] = {}
    for base in doubly_normalized(assuming) & values.keys():
        if len(values[base]) == len(values[base][0]):
            found[base] = _mixed(values[base])
    for hypothesis in assuming:
        factors = _factors(hypothesis)
        if factors is None or not {f.base for f in factors} <= values.keys():
            continue
        first, second = factors
        index = hypothesis.lhs.variables[0]  # type: ignore[union-attr]
        matrix = _matrix(values[second.base])
        if matrix.nrows() != matrix.ncols():
            continue
        try:
            if first.base == second.base:
                found[first.base] = _table(_rotation(matrix))
                continue
            inverse = (matrix if second.indices[0] == index else matrix.transpose()).inv()
        except ZeroDivisionError:
            continue
        found[first.base] = _table(inverse if first.indices[1] == index else inverse.transpose())
    return found


def doubly_normalized(assuming: Sequence[Relational]) -> set[Basic]:
    """The families of which hypotheses say that each row sums to one, and each column."""
    stated = {found for h in assuming if (found := normalized(h)) is not None}
    return {base for base, places in stated if places == (0,) and (base, (1,)) in stated}


def _mixed(table: Sequence[Sequence[Fraction]]) -> list[list[Fraction]]:
    """Permutations weighted by the entries of the first rows, which are positive."""
    size, weights = len(table), [entry for row in table[:2] for entry in row]
    mixed = [[Fraction(0)] * size for _ in table]
    for weight, permutation in zip(weights, permutations(size), strict=False):
        for row, column in enumerate(permutation):
            mixed[row][column] += weight / sum(weights)
    return mixed


def permutations(size: int) -> list[list[int]]:
    """Turns and reflections of a polygon: for three places or fewer all permutations.

    For two these are the same, in another order: weights by columns that sum to one differ.
    """
    turns = [[(row + n) % size for row in range(size)] for n in range(size)]
    return turns + [[(n - row) % size for row in range(size)] for n in reversed(range(size))]


def _factors(hypothesis: Relational) -> tuple[Indexed, Indexed] | None:
    """The two entries whose products add up to a Kronecker delta of their other indices."""
    if not isinstance(hypothesis, Eq) or not isinstance(hypothesis.rhs, KroneckerDelta):
        return None
    total = hypothesis.lhs
    if not (isinstance(total, Sum) and isinstance(total.function, Mul)):
        return None
    entries: Any = total.function.args
    (index, *others), two = total.variables, len(entries) == 2
    if others or not two or not all(isinstance(e, Indexed) for e in entries):
        return None
    return entries if all(_places(entry, index) == 1 for entry in entries) else None


def _places(entry: Indexed, index: Basic) -> int:
    """How many of an entry's two indices are the given one; 0 for an entry of another shape."""
    return entry.indices.count(index) if len(entry.indices) == 2 else 0


def _matrix(rows: Sequence[Sequence[Fraction]]) -> fmpq_mat:
    entries = [fmpq(x.numerator, x.denominator) for row in rows for x in row]
    return fmpq_mat(len(rows), len(rows[0]), entries)


def _table(matrix: fmpq_mat) -> list[list[Fraction]]:
    return [[Fraction(int(x.p), int(x.q)) for x in row] for row in matrix.tolist()]


def _rotation(matrix: fmpq_mat) -> fmpq_mat:
    size = matrix.nrows()
    one = fmpq_mat(size, size, [int(i == j) for i in range(size) for j in range(size)])
    turning = matrix - matrix.transpose()
    return (one - turning) * (one + turning).inv()
