"""Whatever comes in, the value is right (Arb says so) or a ValueError names the place."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import torch
from arb_reference import Row, misses
from hard_rows import rows
from hypothesis import given, settings
from hypothesis import strategies as st

import numeric
from numeric.errors import InputError
from numeric.state import ThermodynamicState

NAMES = ("log_partition", "free_energy", "internal_energy", "entropy", "heat_capacity")
HALF = {torch.float16: np.float16, torch.bfloat16: np.float32}
ROUNDINGS = 12  # as for the ladder of `test_backends`


def numbers_of(dtype) -> type:
    return np.float64 if dtype == torch.float64 else np.float32


@st.composite
def legal(draw):
    """A row of any dtype, a temperature of any size and kind, and how the row lies in memory."""
    dtype = draw(st.sampled_from([torch.float16, torch.bfloat16, torch.float32, torch.float64]))
    values = draw(rows(numbers_of(dtype)))
    row = torch.from_numpy(np.clip(values, -6e4, 6e4) if dtype in HALF else values).to(dtype)
    size = st.sampled_from([1e-300, 1e-30, 1e-5, 0.01, 0.7, 1.0, 44.0, 1e5, 1e30, 1e300])
    temperature = draw(st.one_of(size, st.floats(0.01, 100)))
    return row, temperature


LAYOUTS = {
    "contiguous": lambda row: row,
    "every second of a longer one": lambda row: row.repeat_interleave(2)[::2],
    "a column": lambda row: row.repeat(3, 1).T.contiguous()[:, 1],
    "the same row again and again": lambda row: row.expand(2, 3, len(row)),
    "a row of a transposed table": lambda row: row.repeat(3, 1).T.contiguous().T[1],
}


@pytest.mark.parametrize("leaf", ["neither", "logits", "temperature"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("backend", ["torch", "numba"])
@given(case=legal())
@settings(max_examples=12, deadline=None)
def test_every_legal_input_gives_the_right_value(backend, layout, leaf, case):
    row, temperature = case
    x = LAYOUTS[layout](row.clone()).detach().requires_grad_(leaf == "logits")
    t = torch.tensor(temperature, dtype=torch.float64, requires_grad=leaf == "temperature")
    try:
        th = numeric.thermodynamics(x, t, backend=backend)
    except InputError as error:
        assert backend == "numba" and "temperatures beyond" in str(error)
        assert not 2.0**-20 <= temperature <= 2.0**20
        return
    exact = Row.of(row.double().tolist(), temperature)
    for name in NAMES:
        value = getattr(th, name)
        assert value.shape == x.shape[:-1] and value.requires_grad == (leaf != "neither")
        allowance = ROUNDINGS * exact.allowance(name, numbers_of(row.dtype))
        if allowance < float(np.finfo(numbers_of(row.dtype)).max):
            assert not misses(float(value.detach().flatten()[-1]), exact.value(name), allowance)


def test_the_battery_catches_a_layout_that_is_misread():
    row, t = torch.tensor([0.0, 1.0, 5.0], dtype=torch.float64), 0.7
    exact = Row.of(row.tolist(), t)
    misread = row.repeat_interleave(2)[:3]
    value = numeric.entropy(misread, t)
    assert misses(value, exact.value("entropy"), ROUNDINGS * exact.allowance("entropy", float))


HEAD = {
    "thermodynamics": lambda x, t: numeric.thermodynamics(x, t, backend="torch").entropy,
    "order 4": lambda x, t: numeric.thermodynamics(x, t, order=4, backend="torch").cumulants[3],
    "numba": lambda x, t: numeric.thermodynamics(x, t, backend="numba").entropy,
    "numba, order 4": lambda x, t: numeric.thermodynamics(x, t, order=4, backend="numba").entropy,
    "entropy": numeric.entropy,
    "log_probabilities": numeric.log_probabilities,
    "cross_entropy": lambda x, t: numeric.cross_entropy(x, 0, t),
    "renyi": lambda x, t: numeric.renyi_entropy(x, t, 0.5),
    "renyi by numba": lambda x, t: numeric.renyi_entropy(x, t, 2.0, backend="numba"),
    "top_mass": lambda x, t: numeric.top_mass(x, t, 1),
    "nucleus_size": lambda x, t: numeric.nucleus_size(x, t, 0.9),
    "state": ThermodynamicState.of,
}
PAIRS = {
    f"{name} by {backend}": lambda x, y, name=name, backend=backend: getattr(numeric, name)(
        x, y, backend=backend
    )
    for name in ("kl_divergence", "fisher_rao_distance", "jensen_shannon_divergence")
    for backend in ("torch", "numba")
}
shapes = st.lists(st.integers(1, 3), max_size=3).map(tuple)


@st.composite
def spoiled(draw, value: float):
    """Legal logits (..., V) of which one is `value`, and the name of its row."""
    shape = draw(shapes)
    x = torch.zeros(*shape, draw(st.sampled_from([1, 2, 1030])))
    place = tuple(draw(st.integers(0, n - 1)) for n in x.shape)
    x[place] = value
    row = place[:-1]
    name = "the only row" if row == () else f"row {row[0] if len(row) == 1 else row}"
    return x, re.escape(name)


@pytest.mark.parametrize("function", HEAD)
@pytest.mark.parametrize("value", [math.nan, -math.nan, math.inf])
@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_an_illegal_logit_is_named_by_its_row(function, value, data):
    x, name = data.draw(spoiled(value))
    with pytest.raises(ValueError, match=f"logits: .*(nan|inf) in {name}"):
        HEAD[function](x, data.draw(st.sampled_from([0.5, [0.5, 1.0]])))


@pytest.mark.parametrize("function", [f for f in HEAD if f != "state"])  # which may be empty
@given(shape=shapes, data=st.data())
@settings(max_examples=8, deadline=None)
def test_a_row_without_tokens_is_named(function, shape, data):
    x = torch.zeros(*shape, 4)
    row = tuple(data.draw(st.integers(0, n - 1)) for n in shape)
    x[row] = -torch.inf
    with pytest.raises(ValueError, match="every token masked .*row"):
        HEAD[function](x, 1.0)


@pytest.mark.parametrize("function", PAIRS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_an_illegal_logit_of_a_pair_is_named_by_its_row(function, value, data):
    x, name = data.draw(spoiled(value))
    y = torch.zeros(x.shape)
    for pair in ((x, y), (y, x)):
        with pytest.raises(ValueError, match=f"(nan|inf|masked.*) in {name}"):
            PAIRS[function](*pair)


@pytest.mark.parametrize("function", HEAD)
@given(
    bad=st.sampled_from([0.0, -1.0, -1e-300, math.inf, -math.inf, math.nan]),
    before=st.integers(0, 3),
)
@settings(max_examples=8, deadline=None)
def test_an_illegal_temperature_is_named_by_its_index(function, bad, before):
    with pytest.raises(ValueError, match=f"temperature: .*{bad} at index \\({before},\\)"):
        HEAD[function](torch.zeros(2, 3), [1.0] * before + [bad])


@pytest.mark.parametrize("function", HEAD)
def test_emptiness_is_a_result_or_named(function):
    call = HEAD[function]
    results = {
        "no rows": call(torch.zeros(0, 3), 1.0),
        "no temperatures": call(torch.zeros(2, 3), torch.ones(0)),
        "neither": call(torch.zeros(0, 3), torch.ones(0)),
    }
    if function != "state":
        assert all(0 in r.shape and r.numel() == 0 for r in results.values())
    with pytest.raises(ValueError, match="at least one token"):
        call(torch.zeros(2, 0), 1.0)


@pytest.mark.parametrize("function", HEAD)
@pytest.mark.parametrize("dtype", [torch.int64, torch.int8, torch.bool, torch.complex64])
def test_what_is_not_floating_is_refused(function, dtype):
    with pytest.raises(ValueError, match="logits: expected float16"):
        HEAD[function](torch.ones(2, 3, dtype=dtype), 1.0)


@pytest.mark.parametrize("function", HEAD)
def test_devices_are_not_mixed(function):
    with pytest.raises(ValueError, match="temperature is on meta, the logits are on cpu"):
        HEAD[function](torch.zeros(2, 3), torch.ones(2, device="meta"))


@pytest.mark.parametrize("function", PAIRS)
def test_pairs_are_empty_or_named(function):
    assert PAIRS[function](torch.zeros(0, 3), torch.zeros(0, 3)).shape == (0,)
    with pytest.raises(ValueError, match="at least one token"):
        PAIRS[function](torch.zeros(2, 0), torch.zeros(2, 0))
    with pytest.raises(ValueError, match="logits_p: expected float16"):
        PAIRS[function](torch.ones(2, 3, dtype=torch.int64), torch.zeros(2, 3))


@pytest.mark.parametrize("backend", ["torch", "numba"])
@given(row=rows(np.float64), shift=st.sampled_from([1e6, -1e6, 12345.678, 2.0**20]))
@settings(max_examples=60, deadline=None)
def test_a_huge_shift_moves_entropy_by_the_rounding_of_the_inputs_alone(backend, row, shift):
    moved = row + shift
    kept = np.isfinite(row)
    rounding = np.abs((moved[kept] - shift) - row[kept]).max()
    x = torch.from_numpy(row).requires_grad_()
    for name in ("entropy", "heat_capacity"):
        value = getattr(numeric.thermodynamics(x, 1.3), name)
        (slope,) = torch.autograd.grad(value, x)
        other = getattr(numeric.thermodynamics(moved, 1.3, backend=backend), name)
        exact, there = Row.of(row, 1.3), Row.of(moved, 1.3)
        own = exact.allowance(name, float) + ROUNDINGS * there.allowance(name, float)
        # inputs move by `rounding` each; a second derivative is at most a few units a token
        allowed = float(slope.abs().sum()) * rounding + 8 * len(row) * rounding**2 + own
        assert abs(float(other) - float(value.detach())) <= allowed, name
