"""A derivation is a chain or it is refused, with the reason."""

import pytest
from sympy import Derivative, Eq, Integer, Le, Lt, Symbol, log

from formal import Derivation
from formal.boltzmann import F, S, T, U
from formal.symbols import alpha, c

CHAIN = [F, U - T * S, U + T * Derivative(F, T)]


def deep(levels):
    expression = Symbol("x")
    for _ in range(levels):
        expression = log(expression, evaluate=False)
    return expression


def test_steps_conclusion_and_reasons():
    chain = Derivation(CHAIN, ["definition", "S = -dF/dT"])
    assert len(chain) == 2
    assert [step.number for step in chain] == [1, 2]
    assert [step.reason for step in chain] == ["definition", "S = -dF/dT"]
    assert chain.steps[1].claim == Eq(CHAIN[1], CHAIN[2], evaluate=False)
    assert chain.conclusion == Eq(CHAIN[0], CHAIN[2], evaluate=False)
    assert "conclusion" not in repr(chain) and "2 steps" in repr(chain)


def test_one_direction_may_mix_equality_and_strictness():
    chain = Derivation([c, c + 1, c + 2, c + 3], relations=["<=", "=", "<"])
    assert isinstance(chain.steps[0].claim, Le)
    assert isinstance(chain.conclusion, Lt)
    assert isinstance(Derivation([c, c + 1], relations="<=").conclusion, Le)
    assert isinstance(Derivation([c, c + 1]).conclusion, Eq)


def test_the_chain_in_latex_is_aligned_and_its_reasons_are_text():
    text = Derivation(CHAIN, ["50% of a_b", ""], "<=").latex
    assert text.startswith("\\begin{aligned}\nF &\\leq ")
    assert r"\text{50\% of a\_b}" in text and text.count("&\\leq") == 2


def test_numbers_are_expressions_and_a_step_may_repeat_what_it_has():
    assert Derivation([c - c, 0]).expressions == (Integer(0), Integer(0))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([F],), "2 to"),
        (([],), "2 to"),
        ((F,), "expected a list of expressions"),
        (("F = U",), "expected a list of expressions"),
        ((["F", U],), "expression 1: expected a SymPy expression, got 'F'"),
        (([F, None],), "expression 2"),
        (([F, True],), "expression 2"),
        (([F, object()],), "expression 2"),
        (([F, Eq(F, U)],), "expression 2 is a relation"),
        (([F, [U]],), "expression 2"),
        (([c, alpha, c],), "goes in a circle"),
        (([c, c], (), "<"), "goes in a circle"),
        (([c, alpha, T], (), ["<=", ">="]), "one direction"),
        (([c, alpha, T], (), ["<=", "~"]), "expected relations among"),
        (([c, alpha, T], (), ["<="]), "2 steps need 2 relations, got 1"),
        (([c, alpha, T], (), [1, 2]), "expected relations among"),
        (([c, alpha, T], ["one"]), "2 steps need 2 reasons or none, got 1"),
        (([c, alpha], [3]), "a reason is text"),
        (([c, alpha], "why"), "expected a list of reasons"),
        (([c, alpha], (), "=", [T]), "expected a hypothesis"),
        (([c, deep(500)],), "expression 2: the expression is nested deeper"),
        ((range(10**9),), "more than"),
    ],
)
def test_what_is_no_chain_is_refused(arguments, said):
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        Derivation(*arguments)
