"""Calibration, own texts and intervals: right where a model is its own, and not elsewhere."""

import numpy as np
import pytest
import torch
from scipy.special import entr
from scipy.stats import kstest

import numeric
from numeric.calibration import (
    Readings,
    calibration_gap,
    data_zero_points,
    joined,
    martingale_test,
    readings,
    zero_set_inclusion,
)
from numeric.geometrization import geometrization_losses
from numeric.intervals import bootstrap, proportion
from numeric.sampling import own_texts


@pytest.fixture(scope="module")
def charlm():
    pytest.importorskip("h5py")
    return numeric.load_model("charlm", "cpu")


TABLE = np.array([[0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.05, 0.15, 0.8]])


def chain_readings(rng, length, tempered=1.0):
    """Readings of a text of a chain of three words, by a model whose logits are `tempered`."""
    logs = tempered * np.log(TABLE)
    logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
    model = np.exp(logs)
    entropy = entr(model).sum(axis=1)
    heat = (model * (-logs - entropy[:, None]) ** 2).sum(axis=1)
    at, states, words = 0, [], []
    for height in rng.random(length):
        states.append(at)
        at = int(np.searchsorted(TABLE[at].cumsum(), height))
        words.append(at)
    surprisal = -logs[states, words]
    return Readings(surprisal, entropy[states], heat[states], model.argmax(axis=1)[states])


def test_the_martingale_test_has_its_size_on_a_models_own_texts():
    rng = np.random.default_rng(1)
    p_values = [martingale_test(chain_readings(rng, 200)).p_value for _ in range(300)]
    # 300 honest tests at 5 % reject 15 +- 3.8 times; four deviations either way.
    assert 0 < sum(p < 0.05 for p in p_values) <= 30
    assert kstest(p_values, "uniform").pvalue > 0.001


def test_a_sharpened_and_a_flattened_model_are_rejected():
    rng = np.random.default_rng(2)
    sharp = martingale_test(chain_readings(rng, 2000, tempered=1.4))
    flat = martingale_test(chain_readings(rng, 2000, tempered=0.6))
    assert sharp.z > 5 and sharp.mean_excess > 0 and sharp.p_value < 1e-6
    assert flat.z < -5 and flat.mean_excess < 0


def test_where_nothing_is_open_only_the_expected_is_possible():
    zero = np.zeros(3)
    sure = Readings(zero, zero, zero, zero.astype(int))
    assert martingale_test(sure).p_value == 1.0
    wrong = Readings(zero + 1, zero, zero, zero.astype(int))
    assert martingale_test(wrong).p_value == 0.0


def test_readings_are_those_of_the_distribution_and_know_no_gauge():
    logits = torch.tensor([[1.0, 2.0, 4.0], [0.0, 0.0, 0.0]], dtype=torch.float64)
    read = readings(logits, [0, 2])
    p = torch.softmax(logits, -1).numpy()
    assert read.surprisal == pytest.approx([-np.log(p[0, 0]), np.log(3)], rel=1e-14)
    assert read.entropy == pytest.approx(entr(p).sum(axis=1), rel=1e-14)
    shifted = readings(logits + 7, [0, 2])
    assert shifted.heat_capacity == pytest.approx(read.heat_capacity, abs=1e-14)
    assert len(joined([read, shifted])) == 4 and read.likeliest[0] == 2
    cold = readings(logits, [0, 2], temperature=0.5)
    assert cold.surprisal[0] == pytest.approx(readings(2 * logits, [0, 2]).surprisal[0])


@pytest.mark.model
def test_a_real_model_passes_on_its_own_texts_and_its_control_fails(charlm):
    start = charlm.encode("The")
    drawn = own_texts(charlm, start, 12, 60, seed=3).tolist()
    rows = [charlm.logits(ids[:-1])[len(start) - 1 :] for ids in drawn]
    following = [ids[len(start) :] for ids in drawn]
    pairs = list(zip(rows, following, strict=True))
    mine = martingale_test(joined([readings(row, ids) for row, ids in pairs]))
    sharp = martingale_test(joined([readings(row, ids, 0.7) for row, ids in pairs]))
    assert mine.positions == 720 and mine.p_value > 0.001
    assert sharp.p_value < 1e-6 and sharp.z > 0


@pytest.mark.model
def test_reading_on_gives_the_logits_of_reading_as_a_whole(charlm):
    ids = torch.tensor([charlm.encode("Hello, world"), charlm.encode("Never! again")])
    read = charlm.reader()
    read(ids[:, :5])
    last = read(ids[:, 5:])
    for row, logits in zip(ids, last, strict=True):
        assert torch.allclose(logits, charlm.logits(row)[-1], atol=1e-4)
    with pytest.raises(ValueError, match="expected texts, length and start"):
        own_texts(charlm, [], 1, 1)
    with pytest.raises(ValueError, match="temperature > 0"):
        own_texts(charlm, [1], 1, 1, temperature=0)


# Zero points of a text


def test_zero_points_of_a_text_are_where_it_always_goes_on_alike():
    ids = [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 4]
    # after (2, 3) always 1, and after (3, 1) once something else
    assert data_zero_points(ids, context=2) == [2, 3, 5, 6, 8, 9]
    assert data_zero_points(ids, context=2, at_least=4) == []
    with pytest.raises(ValueError, match=">= 1"):
        data_zero_points(ids, context=0)


def test_inclusion_asks_for_certainty_and_for_the_same_word():
    ids = [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 4]
    n = len(ids) - 1
    certain = Readings(np.zeros(n), np.zeros(n), np.zeros(n), np.array(ids[1:]))
    assert zero_set_inclusion(certain, ids, 0.1, context=2)[0].value == 1.0
    other = Readings(np.zeros(n), np.zeros(n), np.zeros(n), np.array(ids[1:]) + 1)
    assert zero_set_inclusion(other, ids, 0.1, context=2)[0].value == 0.0
    open_ = Readings(np.zeros(n), np.ones(n), np.zeros(n), np.array(ids[1:]))
    share, count = zero_set_inclusion(open_, ids, 0.1, context=2)
    assert (share.value, count) == (0.0, 6) and share.high < 0.5
    none, count = zero_set_inclusion(certain, ids, 0.1, context=9)
    assert np.isnan(none.value) and count == 0
    with pytest.raises(ValueError, match="expected 10 readings"):
        zero_set_inclusion(joined([certain, certain]), ids, 0.1, context=2)


# Dimensions


def linear_logits(rows, dimension, seed):
    rng = torch.Generator().manual_seed(seed)
    double = {"dtype": torch.float64}
    head = torch.randn(60, dimension, generator=torch.Generator().manual_seed(9), **double)
    bias = torch.randn(60, generator=torch.Generator().manual_seed(8), **double)
    return torch.randn(rows, dimension, generator=rng, **double) @ head.T + bias


def test_a_head_of_three_dimensions_loses_nothing_in_three_and_much_in_two():
    known, asked = linear_logits(20, 3, 1), linear_logits(10, 3, 2)
    losses = geometrization_losses(known, asked, (0, 2, 3, 10)).mean(dim=1)
    assert losses[0] > losses[1] > 1e-2
    assert losses[2] < 1e-20 and losses[3] < 1e-20
    shifted = geometrization_losses(known + 3, asked - 5, (2,)).mean()
    assert float(shifted) == pytest.approx(float(losses[1]), rel=1e-9)


def test_dimensions_that_were_not_seen_and_masks_are_refused():
    logits = linear_logits(4, 3, 1)
    with pytest.raises(ValueError, match="dimensions in 0..3"):
        geometrization_losses(logits, logits, (4,))
    with pytest.raises(ValueError, match="no centred energy"):
        geometrization_losses(logits, logits.index_fill(1, torch.tensor([0]), -torch.inf), (1,))


# Intervals


def test_intervals_of_a_mean_cover_it_about_as_often_as_they_say():
    rng = np.random.default_rng(4)
    covered = 0
    for trial in range(100):
        values = rng.normal(size=80)
        found = bootstrap(lambda c, v=values: float(v[c].mean()), 80, draws=200, seed=trial)
        covered += found.low <= 0 <= found.high
    assert 85 <= covered <= 100


def test_blocks_widen_the_interval_of_values_that_go_together():
    values = np.repeat(np.random.default_rng(5).normal(size=20), 20)
    mean = lambda cases: float(values[cases].mean())  # noqa: E731
    single, blocks = bootstrap(mean, 400), bootstrap(mean, 400, block=40)
    assert blocks.high - blocks.low > 2 * (single.high - single.low)
    with pytest.raises(ValueError, match="a block of 1..400"):
        bootstrap(mean, 400, block=401)


def test_the_interval_of_a_proportion_is_that_of_wilson():
    found = proportion(8, 10)
    assert (found.low, found.high) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert proportion(0, 5).low == 0.0 and proportion(5, 5).high == 1.0
    assert np.isnan(proportion(0, 0).value)
    with pytest.raises(ValueError, match="successes in 0..3"):
        proportion(4, 3)


def test_a_gap_is_zero_for_a_calibrated_text_and_not_for_another():
    rng = np.random.default_rng(6)
    right, wrong = chain_readings(rng, 1500), chain_readings(rng, 1500, tempered=1.5)
    low_high = calibration_gap(right)
    assert low_high.low < 0 < low_high.high
    assert calibration_gap(wrong).low > 0
