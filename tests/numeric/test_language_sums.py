"""Exact sums over strings against closed forms, enumeration, and what would go wrong."""

from math import fsum, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import entr

from numeric.language import (
    FadingLanguageModel,
    MarkovLanguageModel,
    NGramLanguageModel,
    entropy_rate,
    expected_visits,
    least_stop_probability,
    mean_length,
    perplexity,
    position_entropies,
    sentence_entropy,
    sentence_entropy_of_strings,
    sentence_renyi_entropy,
    stationary_distribution,
    truncated_sentence_entropy,
)
from numeric.language.sums import state_entropies

EPS = np.finfo(np.float64).eps


def two_outcomes(p):
    return float(entr(p) + entr(1 - p))


def geometric(stop):
    return MarkovLanguageModel([1 - stop, stop], [[1 - stop, stop]])


def uniform(words):
    row = np.full(words + 1, 1 / (words + 1))
    return MarkovLanguageModel(row, np.tile(row, (words, 1)))


@st.composite
def tight_models(draw):
    words = draw(st.integers(1, 3))
    parts = st.lists(st.integers(0, 9), min_size=words, max_size=words)
    rows = []
    for _ in range(words + 1):
        row = np.array([*draw(parts), draw(st.integers(3, 9))], dtype=float)
        rows.append(row / row.sum())
    return MarkovLanguageModel(rows[0], rows[1:])


@pytest.mark.parametrize("stop", [0.5, 0.1, 0.01])
def test_one_word_has_the_entropy_of_a_geometric_law(stop):
    model = geometric(stop)
    expected = two_outcomes(stop) / stop
    rounding = 64 * EPS * expected / stop  # the system is conditioned by 1 / stop
    assert sentence_entropy(model) == pytest.approx(expected, abs=rounding)
    assert sentence_entropy_of_strings(model) == pytest.approx(expected, abs=rounding)
    assert mean_length(model) == pytest.approx(1 / stop - 1, abs=rounding / stop)
    assert perplexity(model) == pytest.approx(np.exp(two_outcomes(stop)), abs=rounding)
    for order in (0.5, 2.0, 3.0):
        total = stop**order / (1 - (1 - stop) ** order)
        renyi = log(total) / (1 - order)
        assert sentence_renyi_entropy(model, order) == pytest.approx(renyi, rel=1e-12)


@pytest.mark.parametrize("words", [1, 2, 5])
def test_uniform_texts_have_a_closed_form(words):
    outcomes = words + 1
    assert sentence_entropy(uniform(words)) == pytest.approx(outcomes * log(outcomes), rel=1e-14)
    assert mean_length(uniform(words)) == pytest.approx(words, rel=1e-14)
    # sum_t P^q = (V + 1)^-q sum_n (V (V + 1)^-q)^n diverges from q = ln V / ln(V + 1) down.
    assert sentence_renyi_entropy(uniform(5), 0.85) == np.inf
    assert sentence_renyi_entropy(uniform(5), 0.95) < np.inf


@given(tight_models())
@settings(max_examples=25, deadline=None)
def test_both_sides_of_the_sentence_entropy_theorem_agree(model):
    right, left = sentence_entropy(model), sentence_entropy_of_strings(model)
    assert left == pytest.approx(right, abs=200 * EPS * (1 + right) / model.stops.min())
    low, high = truncated_sentence_entropy(model, 3, float(model.stops.min()))
    assert low <= right * (1 + 1e-12) and right <= high * (1 + 1e-12)
    rate = right / (mean_length(model) + 1)
    assert entropy_rate(model) == pytest.approx(rate, abs=200 * EPS / model.stops.min() ** 2)


def test_prompts_that_are_not_weighted_by_visits_give_another_number():
    model = MarkovLanguageModel([0.6, 0.3, 0.1], [[0.7, 0.1, 0.2], [0.1, 0.1, 0.8]])
    unweighted = float(state_entropies(model).sum())
    assert abs(unweighted - sentence_entropy(model)) > 0.1
    enumerated = fsum(entr(model.string_probability(t)) for t in model.strings(9))
    assert unweighted < enumerated < sentence_entropy(model)


def test_the_chain_rule_adds_up_what_enumeration_finds():
    model = MarkovLanguageModel([0.6, 0.3, 0.1], [[0.7, 0.1, 0.2], [0.1, 0.1, 0.8]])
    length = 4
    whole = fsum(entr(model.string_probability(t)) for t in model.strings(length - 1))
    cut = [t for t in model.strings(length) if len(t) == length]
    whole += fsum(entr(model.prefix_probability(t)) for t in cut)
    assert position_entropies(model, length).sum() == pytest.approx(whole, rel=1e-13)
    assert position_entropies(model, 400).sum() == pytest.approx(
        sentence_entropy(model), rel=1e-12
    )


def test_stationary_shares_are_those_of_visits():
    model = MarkovLanguageModel([0.6, 0.3, 0.1], [[0.7, 0.1, 0.2], [0.1, 0.1, 0.8]])
    visits = expected_visits(model)
    assert stationary_distribution(model) == pytest.approx(visits / visits.sum(), rel=1e-13)


def test_conditioning_lowers_entropy_on_average_and_not_for_each_word():
    """After the rare second word everything is open, after the first nothing is."""
    rows = [[0.0, 0.0, 1.0], [0.25, 0.25, 0.5]]
    model = MarkovLanguageModel([0.9, 0.1, 0.0], rows)
    first = model.predictive([])
    second = first[0] * model.predictive([0]) + first[1] * model.predictive([1])
    alone = float(entr(second).sum())
    after = [float(entr(model.predictive([w])).sum()) for w in (0, 1)]
    assert first[0] * after[0] + first[1] * after[1] < alone
    assert after[1] > alone


def test_a_leaking_model_has_no_sentence_entropy_and_its_ending_texts_have():
    model = MarkovLanguageModel([0.5, 0.25, 0.25], [[1.0, 0.0, 0.0], [0.25, 0.25, 0.5]])
    with pytest.raises(ValueError, match="this model leaks: from state 1"):
        sentence_entropy(model)
    ending = model.given_that_it_ends()
    assert ending.is_tight and ending.total_mass() == pytest.approx(1, abs=8 * EPS)
    for t in model.strings(3):
        share = model.string_probability(t) / model.total_mass()
        assert ending.string_probability(t) == pytest.approx(share, abs=8 * EPS)
    with pytest.raises(ValueError, match="no text of this model ends"):
        MarkovLanguageModel([1.0, 0.0], [[1.0, 0.0]]).given_that_it_ends()


# Tightness


@pytest.mark.parametrize(("first", "leaks"), [(0, 1 / 2), (1, 2 / 3), (8, 9 / 10)])
def test_the_fading_stop_leaks_what_the_product_telescopes_to(first, leaks):
    model = FadingLanguageModel.inverse_square([0.5, 0.5], first)
    low, high = model.leaked_mass(10_000, rest=1 / 10_001)
    assert low <= leaks <= high and high - low < 2e-4
    assert model.predictive([0, 1]).sum() == pytest.approx(1, abs=4 * EPS)


def test_a_stop_that_fades_slowly_leaks_nothing():
    model = FadingLanguageModel([1.0], lambda t: 1 / (t + 2))
    assert model.leaked_mass(10_000, rest=1.0)[1] == pytest.approx(1 / 10_001, rel=1e-10)
    with pytest.raises(ValueError, match="expected a probability, got 2.0"):
        FadingLanguageModel([1.0], lambda t: 2.0).predictive([])
    with pytest.raises(ValueError, match="expected a distribution"):
        FadingLanguageModel([0.5, 0.4], lambda t: 0.5)


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=6), st.floats(0.1, 10))
def test_no_softmax_of_bounded_logits_stops_less_often_than_its_floor(logits, temperature):
    weights = np.exp((np.array(logits) - max(logits)) / temperature)
    floor = least_stop_probability(max(logits) - min(logits), len(logits), temperature)
    assert weights[-1] / weights.sum() >= floor * (1 - 1e-13)


def test_the_floor_is_attained_and_bad_bounds_are_refused():
    assert least_stop_probability(3.0, 5) == pytest.approx(1 / (1 + 4 * np.exp(3)), rel=1e-14)
    assert least_stop_probability(0.0, 1) == 1.0
    assert least_stop_probability(1e6, 5) == 0.0
    with pytest.raises(ValueError, match="expected a range >= 0"):
        least_stop_probability(-1.0, 5)
    with pytest.raises(ValueError, match="less than the 0.9 that was given as least"):
        truncated_sentence_entropy(uniform(2), 3, 0.9)
    with pytest.raises(ValueError, match=r"in \(0, 1\]"):
        truncated_sentence_entropy(uniform(2), 3, 0.0)


# n-grams


def test_bigrams_of_texts_are_those_of_their_markov_model():
    texts = ["aab", "ab", "b", ""]
    grams = NGramLanguageModel.from_texts(texts, 2)
    assert grams.words == ["a", "b"]
    markov = MarkovLanguageModel.from_counts([2, 1, 1], [[1, 2, 0], [0, 0, 3]])
    for ids in ([], [0], [0, 1], [1]):
        assert grams.predictive(ids) == pytest.approx(markov.predictive(ids), abs=2 * EPS)
    assert sentence_entropy(grams) == pytest.approx(sentence_entropy(markov), rel=1e-13)


def test_trigrams_know_two_words_and_their_sums_agree():
    texts = ["abab", "abba", "ba", "abb", "aab"]
    grams = NGramLanguageModel.from_texts(texts, 3)
    assert grams.predictive([0, 1]) == pytest.approx(
        [0.2, 0.4, 0.4]
    )  # ab, then a, b, b, stop, stop
    left, right = sentence_entropy_of_strings(grams), sentence_entropy(grams)
    assert left == pytest.approx(right, rel=1e-13)
    low, high = truncated_sentence_entropy(
        NGramLanguageModel.from_texts(texts, 3, pseudocount=1.0), 6, 0.1
    )
    smooth = sentence_entropy(NGramLanguageModel.from_texts(texts, 3, pseudocount=1.0))
    assert low <= smooth <= high


def test_ngrams_that_are_not_models_are_refused():
    with pytest.raises(ValueError, match="order of at least 2"):
        NGramLanguageModel.from_texts(["a"], 1)
    with pytest.raises(ValueError, match="at least one text"):
        NGramLanguageModel.from_texts([], 2)
    with pytest.raises(ValueError, match="finite numbers >= 0"):
        NGramLanguageModel(["a"], 2, {((), 0): -1.0})
    with pytest.raises(ValueError, match="expected words 0..0, got 1"):
        NGramLanguageModel(["a"], 2, {((), 1): 1.0})
    with pytest.raises(ValueError, match="nothing was counted at the start"):
        NGramLanguageModel(["a"], 2, {((0,), 0): 1.0})
    with pytest.raises(ValueError, match="no text of this model begins like that"):
        NGramLanguageModel.from_texts(["ab"], 2).predictive([1])


@pytest.mark.model
def test_the_bigrams_of_english_obey_the_sentence_entropy_theorem():
    model = NGramLanguageModel.symspell(stop=0.2)
    assert (model.vocabulary_size, model.steps.nnz) == (19_792, 242_342 + 16_600)
    assert model.predictive([])[-1] == 0.0
    united = model.predictive([model.words.index("united")])
    assert model.words[int(united.argmax())] == "states"
    # A text goes on after a word with 0.8 at most, so that it has at most 5 words on average.
    assert 4 < mean_length(model) < 5
    right, left = sentence_entropy(model), sentence_entropy_of_strings(model)
    assert left == pytest.approx(right, rel=1e-12)
    with pytest.raises(ValueError, match="expected a stop"):
        NGramLanguageModel.symspell(stop=0.0)
