"""Bad input gets an InputError: what was expected, what came and where; a ValueError too."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import numeric
from numeric.errors import InputError

ROW = torch.tensor([0.5, 1.0, -2.0], dtype=torch.float64)
ROWS = ROW.expand(4, 3).clone()


def with_row(index, value):
    rows = ROWS.clone()
    rows[index] = value
    return rows


FUNCTIONS = [
    numeric.entropy,
    numeric.probabilities,
    numeric.thermodynamics,
    lambda x, t: numeric.cross_entropy(x, 0, t),
    lambda x, t: numeric.renyi_entropy(x, t, 0.5),
]

BAD = {
    "temperature zero": (ROWS, 0.0, r"temperature: expected positive and finite, got 0\.0"),
    "negative": (ROWS, [1.0, -2.0], r"got -2\.0 at index \(1,\)"),
    "nan": (ROWS, float("nan"), r"temperature: .* got nan"),
    "infinite": (ROWS, float("inf"), r"temperature: .* got inf"),
    "words": (ROWS, "warm", r"temperature: expected numbers, got 'warm'"),
    "complex": (ROWS, torch.tensor(1j), r"temperature: expected real numbers"),
    "shape": (ROWS, torch.ones(3, 2), r"\(3, 2\) .* broadcast .* \(4,\)"),
    "nan logits": (with_row((2, 1), np.nan), 1.0, r"logits: .* got nan in row 2"),
    "infinite logits": (with_row((3, 0), np.inf), 1.0, r"logits: .* got inf in row 3"),
    "all masked": (with_row(1, -np.inf), 1.0, r"every token masked .* in row 1"),
    "deep row": (with_row(3, np.nan).reshape(2, 2, 3), 1.0, r"row \(1, 1\)"),
    "only row": (ROW * np.nan, 1.0, r"the only row"),
    "no tokens": (torch.zeros(4, 0), 1.0, r"at least one token, got shape \(4, 0\)"),
    "integers": (torch.arange(3), 1.0, r"expected float16.*got torch\.int64"),
    "numpy integers": (np.arange(3), 1.0, r"got torch\.int64"),
    "number": (torch.tensor(1.0), 1.0, r"got a single number"),
    "words for logits": (np.array(["a"]), 1.0, r"real floating-point numbers"),
    "long double": (np.ones(3, np.longdouble), 1.0, r"float64 or narrower"),
}


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(function, case):
    logits, temperature, message = BAD[case]
    with pytest.raises(InputError, match=message):
        function(logits, temperature)


@pytest.mark.parametrize("target", [3, -1, [0, 1, 2, 7]])
def test_targets_outside_the_vocabulary_are_named(target):
    with pytest.raises(InputError, match=r"target: expected 0\.\.2"):
        numeric.cross_entropy(ROWS, target)


def test_targets_of_the_wrong_kind_or_shape_are_refused():
    with pytest.raises(InputError, match="target: expected integers"):
        numeric.cross_entropy(ROWS, torch.zeros(4))
    with pytest.raises(InputError, match="does not broadcast"):
        numeric.cross_entropy(ROWS, torch.zeros(5, dtype=torch.int64))


@pytest.mark.parametrize("order", [-0.5, float("nan")])
def test_renyi_orders_below_zero_are_refused(order):
    with pytest.raises(InputError, match="order"):
        numeric.renyi_entropy(ROWS, 1.0, order)


def test_options_are_checked():
    with pytest.raises(InputError, match="gauge"):
        numeric.thermodynamics(ROWS, 1.0, gauge="cooked")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="order"):
        numeric.thermodynamics(ROWS, 1.0, order=5)


def test_empty_batches_and_empty_temperature_vectors_give_empty_results():
    assert numeric.entropy(torch.zeros(0, 5), 1.0).shape == (0,)
    assert numeric.entropy(torch.zeros(2, 5), torch.ones(0)).shape == (2, 0)
    assert numeric.thermodynamics(torch.zeros(0, 5), [1.0, 2.0]).entropy.shape == (0, 2)
    assert "shape=(0, 2)" in repr(numeric.thermodynamics(torch.zeros(0, 5), [1.0, 2.0]))


SHAPES = [
    ((7,), (), ()),
    ((7,), (3,), (3,)),
    ((4, 7), (), (4,)),
    ((4, 7), (3,), (4, 3)),
    ((4, 7), (4, 3), (4, 3)),
    ((4, 7), (1, 3), (4, 3)),
    ((4, 7), (4, 1), (4, 1)),
    ((7,), (4, 3), (4, 3)),
    ((2, 4, 7), (4, 3), (2, 4, 3)),
]


@pytest.mark.parametrize("logits, temperature, result", SHAPES)
def test_shapes(logits, temperature, result):
    x = torch.randn(logits, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    t = 0.5 + torch.rand(temperature, dtype=torch.float64)
    s = numeric.entropy(x, t)
    assert s.shape == result
    th = numeric.thermodynamics(x, t)
    assert torch.equal(th.entropy, s) and th.free_energy.shape == result
    assert numeric.probabilities(x, t).shape == (*result, 7)


def test_numpy_in_numpy_out():
    s = numeric.entropy(np.zeros((2, 3), np.float32), 1.0)
    assert isinstance(s, np.ndarray) and s.dtype == np.float32
    assert isinstance(numeric.entropy(np.zeros(3), 1.0), np.float64)


def test_strides_byte_order_and_read_only_memory_do_not_matter():
    x = np.arange(12.0).reshape(3, 4) ** 0.5
    expected = numeric.entropy(x, 1.0)
    frozen = x.copy()
    frozen.flags.writeable = False
    for same in (x[:, ::-1], np.asfortranarray(x), x.astype(">f8"), frozen):
        np.testing.assert_allclose(numeric.entropy(same, 1.0), expected, rtol=1e-15)
    strided = torch.from_numpy(x).repeat_interleave(2, 1)[:, ::2]
    np.testing.assert_allclose(numeric.entropy(strided, 1.0).numpy(), expected, rtol=1e-15)


def test_nothing_global_is_touched():
    before = torch.get_default_dtype(), torch.get_num_threads(), torch.get_rng_state()
    numeric.thermodynamics(ROWS, [0.5, 1e-300], order=4, gauge="centered")
    assert torch.get_default_dtype() == before[0] and torch.get_num_threads() == before[1]
    assert torch.equal(torch.get_rng_state(), before[2])


def test_inputs_are_not_written_to():
    x, t = ROWS.clone(), torch.tensor([0.5, 2.0])
    numeric.thermodynamics(x, t)
    assert torch.equal(x, ROWS) and torch.equal(t, torch.tensor([0.5, 2.0]))
