"""Finite-state language models against enumeration, and what they refuse."""

from __future__ import annotations

from math import fsum

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numeric.language import MarkovLanguageModel

EPS = np.finfo(np.float64).eps
LEAST_STOP = 0.75
LENGTH = 5


@st.composite
def tight_models(draw):
    """Models that stop with probability 3/4 or more at each step, some words impossible."""
    size = draw(st.integers(1, 3))
    shares = draw(
        st.lists(
            st.lists(st.integers(0, 9), min_size=size, max_size=size),
            min_size=size + 1,
            max_size=size + 1,
        )
    )
    rows = []
    for share in shares:
        words = np.array(share, dtype=float)
        words *= (1 - LEAST_STOP) / max(words.sum(), 1)
        rows.append([*words, 1 - words.sum()])
    return MarkovLanguageModel(rows[0], rows[1:])


def enumerated_prefix(model, s, length=LENGTH):
    """Sum of `P(st)` over short t, and a bound on the rest."""
    total = fsum(model.string_probability([*s, *t]) for t in model.strings(length))
    return total, (1 - LEAST_STOP) ** (length + 1)


def allowance(length):
    """Rounding of a product of that many steps, and of the solve that is conditioned by 1/4."""
    return 8 * (length + 8) * EPS


@given(tight_models())
@settings(max_examples=12, deadline=None)
def test_prefix_probability_sums_the_strings_that_begin_so(model):
    for s in model.strings(2):
        partial, rest = enumerated_prefix(model, s)
        pi = model.prefix_probability(s)
        assert partial - allowance(LENGTH) <= pi <= partial + rest + allowance(LENGTH)


@given(tight_models())
@settings(max_examples=12, deadline=None)
def test_a_prefix_ends_or_goes_on(model):
    for s in model.strings(2):
        longer = sum(model.prefix_probability([*s, w]) for w in range(model.vocabulary_size))
        difference = model.prefix_probability(s) - model.string_probability(s) - longer
        assert abs(difference) <= allowance(len(s))


@given(tight_models())
@settings(max_examples=12, deadline=None)
def test_predictive_is_the_ratio_of_prefix_probabilities(model):
    for s in model.strings(2):
        pi = model.prefix_probability(s)
        if pi > 0:
            p = model.predictive(s)
            for w in range(model.vocabulary_size):
                ratio = model.prefix_probability([*s, w]) / pi
                assert abs(p[w] - ratio) <= allowance(len(s))
            assert abs(p[-1] - model.conditional([], s)) <= allowance(len(s))


def test_what_follows_a_prompt_sums_to_one():
    model = MarkovLanguageModel([0.2, 0.0, 0.8], [[0.1, 0.1, 0.8], [0.05, 0.05, 0.9]])
    total = sum(model.conditional(t, [0]) for t in model.strings(12))
    assert 1 - 0.2**13 - 1e-15 <= total <= 1 + 1e-15
    with pytest.raises(ValueError, match="no text of this model begins like that"):
        model.conditional([0], [1])


def test_entropy_function_of_a_sure_a_fair_and_a_biased_prompt():
    model = MarkovLanguageModel([1.0, 0.0, 0.0], [[0.5, 0.0, 0.5], [0.25, 0.25, 0.5]])
    assert model.entropy_function([]) == 0.0
    assert model.entropy_function([0]) == pytest.approx(np.log(2), abs=2 * EPS)
    assert model.entropy_function([0, 1]) == pytest.approx(1.5 * np.log(2), abs=4 * EPS)


def test_order_of_words_matters():
    model = MarkovLanguageModel([0.5, 0.25, 0.25], [[0.0, 0.5, 0.5], [0.25, 0.0, 0.75]])
    assert model.string_probability([0, 1]) == 0.5 * 0.5 * 0.75
    assert model.string_probability([1, 0]) == 0.25 * 0.25 * 0.5


def test_mass_leaks_where_a_word_repeats_for_ever():
    model = MarkovLanguageModel([0.5, 0.25, 0.25], [[1.0, 0.0, 0.0], [0.25, 0.25, 0.5]])
    assert not model.is_tight
    stops_after_second = 0.5 / 0.75
    assert model.total_mass() == pytest.approx(0.25 + 0.25 * stops_after_second, abs=4 * EPS)
    assert model.prefix_probability([0]) == 0.0
    assert "total_mass" in repr(model)


def test_an_endless_word_that_is_never_said_leaks_nothing():
    model = MarkovLanguageModel([0.0, 0.5, 0.5], [[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])
    assert model.is_tight
    assert model.total_mass() == pytest.approx(1, abs=4 * EPS)


def test_a_model_that_never_stops_has_no_mass():
    model = MarkovLanguageModel([1.0, 0.0], [[1.0, 0.0]])
    assert not model.is_tight
    assert model.total_mass() == 0.0


def test_bigram_counts():
    model = MarkovLanguageModel.from_counts([3, 1, 0], [[0, 1, 3], [1, 0, 1]])
    assert np.array_equal(model.initial, [0.75, 0.25, 0.0])
    assert np.array_equal(model.transition, [[0.0, 0.25, 0.75], [0.5, 0.0, 0.5]])
    smooth = MarkovLanguageModel.from_counts([0, 0], [[0, 0]], pseudocount=1)
    assert np.array_equal(smooth.initial, [0.5, 0.5])
    with pytest.raises(ValueError, match="nothing was counted in transition row 0"):
        MarkovLanguageModel.from_counts([1, 1], [[0, 0]])
    with pytest.raises(ValueError, match="finite numbers >= 0"):
        MarkovLanguageModel.from_counts([1, -1], [[1, 1]])


def test_torch_tables_give_the_same_model_and_the_caller_keeps_them():
    initial = torch.tensor([0.25, 0.75], dtype=torch.float64)
    model = MarkovLanguageModel(initial, torch.tensor([[0.5, 0.5]], dtype=torch.float64))
    initial[0] = 1.0
    assert model.string_probability([0]) == 0.25 * 0.5
    with pytest.raises(ValueError, match="read-only"):
        model.predictive([])[0] = 1.0


def test_strings_are_all_of_them_once():
    model = MarkovLanguageModel([0.5, 0.0, 0.5], [[0.5, 0.0, 0.5]] * 2)
    strings = list(model.strings(3))
    assert strings[:4] == [(), (0,), (1,), (0, 0)]
    assert len(strings) == len(set(strings)) == 1 + 2 + 4 + 8


@pytest.mark.parametrize(
    ("initial", "transition", "message"),
    [
        ([0.5, 0.5], [[0.5, 0.4]], "transition row 0: expected a distribution"),
        ([1.5, -0.5], [[0.5, 0.5]], "initial: expected a distribution"),
        ([np.nan, 1.0], [[0.5, 0.5]], "initial: expected a distribution"),
        ([1.0], [], r"expected initial \(V \+ 1,\)"),
        ([0.5, 0.5], [[0.5, 0.5], [0.5, 0.5]], r"got \(2,\) and \(2, 2\)"),
    ],
)
def test_tables_that_are_not_models_are_refused(initial, transition, message):
    with pytest.raises(ValueError, match=message):
        MarkovLanguageModel(initial, transition)


@pytest.mark.parametrize("ids", [[2], [-1], [0, 7], [0.0], [True]])
def test_ids_out_of_range_are_refused(ids):
    model = MarkovLanguageModel([0.5, 0.0, 0.5], [[0.5, 0.0, 0.5]] * 2)
    for question in (model.string_probability, model.prefix_probability, model.predictive):
        with pytest.raises(ValueError, match="expected words 0..1"):
            question(ids)


def forgets_the_stop(model, s):
    return sum(model.prefix_probability([*s, w]) for w in range(model.vocabulary_size))


def test_the_enumeration_would_notice_a_forgotten_stop():
    model = MarkovLanguageModel([0.125, 0.125, 0.75], [[0.125, 0.125, 0.75]] * 2)
    partial, _ = enumerated_prefix(model, (0,))
    assert forgets_the_stop(model, (0,)) < partial - allowance(LENGTH)
