"""The thermodynamics of rows of logits: ln Z, F, U, S, C and higher cumulants at once.

The energy of a token is E = -x + c.  The constant c is the *gauge*: it moves U, F and -T ln Z
together and leaves S, C and the cumulants from the second on alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Outlet, Temperature, tensor_from
from numeric.backends.choice import Backend, state_of
from numeric.errors import InputError
from numeric.state import ThermodynamicState

Gauge = Literal["raw", "normalized", "centered", "ground"]


@dataclass(frozen=True, eq=False, repr=False)
class Thermodynamics:
    """Quantities (...) or (..., K) of rows of logits at temperatures, in nats with k_B = 1.

    `cumulants[n - 1]` is the n-th cumulant of the energy, (-1)^n d^n ln Z / d beta^n: the first
    is U, the second Var(E) = T^2 C.  Results are NumPy where the logits were.
    """

    temperature: Any
    log_partition: Any
    free_energy: Any
    internal_energy: Any
    entropy: Any
    heat_capacity: Any
    cumulants: tuple[Any, ...]
    gauge: Gauge
    state: ThermodynamicState = field(compare=False)

    def __repr__(self) -> str:
        """Shape, dtype, temperatures and gauge on one line."""
        from numeric.display import summary

        return summary(self)

    def _repr_html_(self) -> str:
        from numeric.display import table

        return table(self)


def thermodynamics(
    logits: ArrayT,
    temperature: Temperature,
    *,
    order: int = 2,
    gauge: Gauge = "raw",
    backend: Backend = "auto",
) -> Thermodynamics:
    """Thermodynamic quantities of p_i = exp(x_i / T) / Z with energies E_i = -x_i + c.

    Shapes: logits (..., V); temperature () gives (...), (K,) gives (..., K), and two or more axes
    are per row and broadcast as (..., K).  Order 3 or 4 adds cumulants.  Tokens masked by -inf
    have neither probability nor energy.  Gauges: "raw" c = 0; "ground" min E = 0; "centered"
    sum E = 0 over unmasked tokens; "normalized" E = -ln softmax(x), so that F = 0 at T = 1.
    The backend is chosen by device and size: "torch", "numba", or on request "triton".

    Raises:
        InputError: Logits, temperature, order or gauge are outside their domain.
    """
    if gauge not in get_args(Gauge):
        raise InputError(f"gauge: expected one of {get_args(Gauge)}, got {gauge!r}")
    if backend not in get_args(Backend):
        raise InputError(f"backend: expected one of {get_args(Backend)}, got {backend!r}")
    state, outlet = state_of(logits, temperature, order, backend)
    return from_state(state, _ground_energy(logits, state, gauge), outlet, gauge)


def from_state(
    state: ThermodynamicState, ground: Tensor, outlet: Outlet, gauge: Gauge
) -> Thermodynamics:
    """Quantities of a state whose most probable token has energy `ground` (..., 1)."""
    t, log_weight = state.temperature, state.log_weight
    internal = t * state.mean + ground
    return Thermodynamics(
        temperature=outlet(t),
        log_partition=outlet(log_weight - ground / t),
        free_energy=outlet(ground - t * log_weight),
        internal_energy=outlet(internal),
        entropy=outlet(log_weight + state.mean),
        heat_capacity=outlet(state.variance),
        cumulants=tuple(outlet(k) for k in (internal, *_higher_cumulants(state))),
        gauge=gauge,
        state=state,
    )


def _higher_cumulants(state: ThermodynamicState) -> list[Tensor]:
    t = state.temperature
    cumulants = [t**2 * state.variance]
    if state.third is not None:
        cumulants.append(t**3 * state.third)
    if state.fourth is not None:
        cumulants.append(t**4 * (state.fourth - 3 * state.variance**2))
    return cumulants


def _ground_energy(logits: ArrayT, state: ThermodynamicState, gauge: Gauge) -> Tensor:
    """Energy (..., 1) of the most probable token."""
    if gauge == "raw":
        return -state.maximum
    if gauge == "ground":
        return torch.zeros_like(state.maximum)
    if gauge == "normalized":
        return state_of(logits, 1.0)[0].log_weight.to(state.maximum.dtype)
    x = tensor_from(logits, "logits").to(state.maximum.dtype)
    kept = x > -torch.inf
    gaps = torch.where(kept, state.maximum - x, 0)
    return -gaps.sum(-1, keepdim=True) / kept.sum(-1, keepdim=True)
