"""Listings of statements as code: they run, and what is claimed holds of what they compute."""

from collections import Counter

import numpy as np
import pytest
import torch
from sympy import Eq, Ge, Le

from bridge.balls import evaluate_balls
from bridge.errors import BadInput
from bridge.paper.code import NoCodeError, listing
from formal import statements
from formal.boltzmann import C, F, S, U
from formal.symbols import E, T, V

KNOWN = statements()
TOPICS = (
    "boltzmann",
    "energy_gauge",
    "temperature",
    "variational",
    "softmax",
    "moduli",
    "scaling",
)
ENERGIES = [0.3, -1.2, 2.5, 0.9, 0.0]
NUMBERS = {"T": 1.7, "T_0": 0.6, "T_1": 0.8, "T_2": 2.1, "beta": 0.7, "alpha": 0.4, "c": -1.3}
OTHERS = {"lam": 0.4, "D": 1.1, "k": 3, "m": 1, "w": 2, "j": 0, "rho": 0.5, "tau": 0.9}
POSITIVE = ("q", "r", "mu")


def arguments(function, library):
    """Random arguments by their names: distributions, families, numbers, indices."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    generator = np.random.default_rng(7)
    found = []
    for name in names:
        if name in OTHERS and isinstance(OTHERS[name], int):
            found.append(OTHERS[name])
            continue
        value = {**NUMBERS, **OTHERS}.get(name)
        if value is None:
            value = (
                generator.dirichlet(np.ones(5)) if name in POSITIVE else generator.normal(size=5)
            )
        array = np.asarray(value, dtype=np.float64)
        found.append(torch.from_numpy(array) if library == "torch" else array)
    return found


def ran(name, library):
    """The function of a listing; the code is ours, of our own catalogue."""
    space = {}
    exec(listing(name, KNOWN, library), space)  # noqa: S102
    return space[name]


@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_what_is_claimed_holds_of_the_code(library):
    told = Counter()
    for name, statement in KNOWN.items():
        if statement.topic not in TOPICS or statement.kind not in ("identity", "inequality"):
            continue
        try:
            function = ran(name, library)
        except NoCodeError:
            told["no listing"] += 1
            continue
        left, right = (float(side) for side in function(*arguments(function, library)))
        near = 1e-9 * (1 + abs(left) + abs(right))
        holds = {
            Eq: abs(left - right) <= near,
            Le: left <= right + near,
            Ge: left >= right - near,
        }
        assert holds[type(statement.claim)], (name, left, right)
        told["ran"] += 1
    assert told["ran"] > told["no listing"] / 2 and told["ran"] >= 30


@pytest.mark.parametrize("library", ["numpy", "torch"])
@pytest.mark.parametrize("quantity", [F, S, U, C])
def test_code_computes_what_is_defined(quantity, library):
    point = {V: 5, T: "1.7", E: [str(e) for e in ENERGIES]}
    exact = float(evaluate_balls(quantity, point))
    function = ran(type(quantity).__name__, library)
    given = [np.array(ENERGIES), np.array(1.7)]
    value = function(*map(torch.from_numpy, given) if library == "torch" else given)
    assert float(value) == pytest.approx(exact, rel=1e-12)


def test_a_listing_is_the_formula():
    text = listing("free_energy", KNOWN, "numpy")
    assert "return np.sum(np.exp(-E / T))" in text
    assert "return -T * np.log(partition_function(E, T))" in text


def test_what_has_no_listing_says_why():
    with pytest.raises(NoCodeError, match="NumPy has no derivatives"):
        listing("heat_capacity_eq_deriv_internal_energy", KNOWN, "numpy")
    with pytest.raises(BadInput, match="expected numpy or torch"):
        listing("entropy", KNOWN, "jax")
