"""A vocabulary in slabs: logits of some rows and tokens at a time, and what is kept of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from numeric.arrays import Outlet
from numeric.backends.choice import state_of
from numeric.domain import check_maxima
from numeric.errors import InputError
from numeric.state import ThermodynamicState, merged
from numeric.thermodynamics import Gauge, Thermodynamics, from_state

_BUFFER = 2**25  # bytes of logits held at a time: half of what is promised
_ROWS = 512  # that share one reading of the weights
_BLOCK = 1024  # slabs are whole blocks of tokens


@dataclass(frozen=True)
class Head:
    """Hidden states (N, d), weight (V, d) and bias (V,), with the rows as the caller has them."""

    hidden: Tensor
    weight: Tensor
    bias: Tensor | None
    rows: torch.Size

    def parts(self) -> list[slice]:
        """Ranges of rows; at least one, perhaps empty."""
        size = self.weight.shape[0] * self.hidden.element_size()
        step = max(1, _BUFFER // size) if self._differentiated else _ROWS
        count = len(self.hidden)
        return [slice(a, min(a + step, count)) for a in range(0, max(1, count), step)]

    def slabs(self, part: slice) -> Iterator[tuple[int, Tensor]]:
        """First token and logits (n, width) of consecutive slabs; the next one takes its place.

        Where gradients are asked for there is one slab, and it stays.
        """
        h, tokens = self.hidden[part], self.weight.shape[0]
        if self._differentiated:
            yield 0, torch.nn.functional.linear(h, self.weight, self.bias)
            return
        width = self._width(len(h))
        buffer = h.new_empty(len(h) * width)
        for first in range(0, tokens, width):
            w = self.weight[first : first + width]
            out = buffer[: len(h) * len(w)].view(len(h), len(w))
            torch.mm(h, w.T, out=out)
            yield first, out if self.bias is None else out.add_(self.bias[first : first + width])

    def check(self, maxima: Tensor, part: slice, *, empty: bool) -> None:
        """Refuse maxima (n,) of rows of a part; errors name rows as the caller knows them."""
        everywhere = maxima.new_zeros(len(self.hidden))
        everywhere[part] = maxima
        check_maxima(everywhere.reshape(self.rows), empty=empty)

    @property
    def _differentiated(self) -> bool:
        tensors = (self.hidden, self.weight, self.bias)
        return torch.is_grad_enabled() and any(t is not None and t.requires_grad for t in tensors)

    def _width(self, rows: int) -> int:
        """Tokens of a slab: the fewest slabs that fit the buffer, of nearly the same size."""
        tokens = self.weight.shape[0]
        count = -(-tokens * rows * self.hidden.element_size() // _BUFFER)
        return min(tokens, -(-tokens // (max(1, count) * _BLOCK)) * _BLOCK)


class Stream:
    """What is kept of the logits of some rows (n, V), slab after slab."""

    def __init__(self, head: Head, part: slice, temperature: Tensor, order: int, gauge: Gauge):
        """Nothing yet, of the rows `part` at temperatures (), (K,) or (n, K)."""
        self._head, self._part = head, part
        self._gauge: Gauge = gauge
        self._temperature, self._order = temperature, order
        self._states: list[ThermodynamicState] = []
        self._units: list[ThermodynamicState] = []  # at T = 1
        self._sums: list[tuple[Tensor, Tensor]] = []  # gaps below the slab's maximum, how many
        self._target: Tensor | None = None
        self._best: tuple[Tensor, Tensor] | None = None

    def take(self, first: int, logits: Tensor, target: Tensor | None, top: int) -> None:
        """Take up logits (n, width) of the tokens from `first` on; targets (n,), best `top`."""
        state, self.outlet = self._state(logits, self._temperature, self._order)
        self._states.append(state)
        if self._gauge == "normalized":
            self._units.append(self._state(logits, 1.0, 2)[0])
        if self._gauge == "centered":
            x = logits.to(state.maximum.dtype)
            kept = x > -torch.inf
            gaps = torch.where(kept, state.maximum - x, 0).sum(-1, keepdim=True)
            self._sums.append((gaps, kept.sum(-1, keepdim=True)))
        if target is not None:
            self._take_target(first, logits, target)
        if top:
            self._take_best(first, logits, top)

    def finished(self) -> Thermodynamics:
        """The quantities of the whole vocabulary.

        Raises:
            InputError: Every token of a row is masked.
        """
        self.state = merged(self._states)
        self._head.check(self.state.maximum[..., 0].detach(), self._part, empty=False)
        return from_state(self.state, self._ground(), self.outlet, self._gauge)

    @property
    def target_log_probability(self) -> Tensor | None:
        """ln p (n, K) of the targets, -inf where one is masked."""
        if self._target is None:
            return None
        return self.outlet(self.state.log_probability(self._target))

    @property
    def best(self) -> tuple[Tensor | None, Tensor | None]:
        """The greatest logits (n, top) in falling order, and their tokens."""
        return self._best or (None, None)

    def _state(self, x: Tensor, t, order: int) -> tuple[ThermodynamicState, Outlet]:
        """State of a slab, in which rows may be masked altogether."""
        try:
            return state_of(x, t, order)
        except InputError:
            maxima = x.detach().amax(-1)
            self._head.check(maxima, self._part, empty=True)
            empty = (maxima == -torch.inf).unsqueeze(-1)
            if not bool(empty.any()):
                raise
            state, outlet = state_of(torch.where(empty, 0, x), t, order)
            zero = ThermodynamicState.zero(state.temperature, order)
            return zero.where(empty, state), outlet

    def _take_target(self, first: int, logits: Tensor, target: Tensor) -> None:
        place = (target - first).unsqueeze(-1)
        inside = (place >= 0) & (place < logits.shape[-1])
        here = logits.gather(-1, torch.where(inside, place, 0))
        before = -torch.inf if self._target is None else self._target
        self._target = torch.where(inside, here, before)

    def _take_best(self, first: int, logits: Tensor, top: int) -> None:
        values, tokens = logits.topk(min(top, logits.shape[-1]), dim=-1)
        tokens = tokens + first
        if self._best is not None:
            values = torch.cat([self._best[0], values], -1)
            tokens = torch.cat([self._best[1], tokens], -1)
            values, order = values.topk(min(top, values.shape[-1]), dim=-1)
            tokens = tokens.gather(-1, order)
        self._best = values, tokens

    def _ground(self) -> Tensor:
        """Energy (n, 1) of the most probable token."""
        maximum = self.state.maximum
        if self._gauge == "raw":
            return -maximum
        if self._gauge == "ground":
            return torch.zeros_like(maximum)
        if self._gauge == "normalized":
            return merged(self._units).log_weight.to(maximum.dtype)
        gaps, count = torch.zeros_like(maximum), torch.zeros_like(maximum)
        for state, (own, kept) in zip(self._states, self._sums, strict=True):
            rise = torch.where(kept > 0, maximum - state.maximum, 0)
            gaps, count = gaps + own + kept * rise, count + kept
        return -gaps / count
