"""The obvious second implementation: one row, definitions as printed, in Arb balls.

Inputs are taken exactly as the floats they are.  With 1,600 bits the sums -sum p ln p and
sum p (E - U)^n need no trick down to entropies of 1e-300.  Allowances follow from rounding each
scaled gap y (relative eps), each exponential and each sum once, in first order; see `Row`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import log, log2

import numpy as np
from flint import arb, ctx

BITS = 1600


def in_balls(compute):
    """Run `compute` at BITS bits and leave the global precision as it was."""

    def wrapped(*args, **kwargs):
        before, ctx.prec = ctx.prec, BITS
        try:
            return compute(*args, **kwargs)
        finally:
            ctx.prec = before

    return wrapped


@dataclass(frozen=True)
class Row:
    """One row of logits at one temperature: exact quantities and what floats may miss them by."""

    logits: tuple[float, ...]
    temperature: float

    @classmethod
    def of(cls, logits, temperature) -> Row:
        return cls(tuple(float(x) for x in logits), float(temperature))

    @cached_property
    @in_balls
    def _levels(self):
        kept = [x for x in self.logits if x != float("-inf")]
        top = arb(max(kept))
        gaps = [(top - arb(x)) / arb(self.temperature) for x in kept]
        weights = [(-y).exp() for y in gaps]
        z = sum(weights, arb(0))
        return top, gaps, [e / z for e in weights], z

    @in_balls
    def expect(self, f):
        """Sum of p f(y) with y the scaled gap."""
        _, gaps, p, _ = self._levels
        return sum((pi * f(y) for pi, y in zip(p, gaps, strict=True)), arb(0))

    @in_balls
    def value(self, name: str):
        top, _, p, z = self._levels
        t, mean = arb(self.temperature), self.expect(lambda y: y)
        variance = self.expect(lambda y: (y - mean) ** 2)
        third = self.expect(lambda y: (y - mean) ** 3)
        fourth = self.expect(lambda y: (y - mean) ** 4)
        return {
            "log_partition": lambda: top / t + z.log(),
            "free_energy": lambda: -top - t * z.log(),
            "internal_energy": lambda: t * mean - top,
            "entropy": lambda: -sum((q * q.log() for q in p), arb(0)),
            "heat_capacity": lambda: variance,
            "third_cumulant": lambda: t**3 * third,
            "fourth_cumulant": lambda: t**4 * (fourth - 3 * variance**2),
        }[name]()

    @in_balls
    def renyi(self, q: float):
        _, _, p, _ = self._levels
        return sum(((arb(q) * x.log()).exp() for x in p), arb(0)).log() / (1 - arb(q))

    def allowance(self, name: str, dtype) -> float:
        """Derived bound on the absolute error of a floating-point evaluation in `dtype`."""
        info = np.finfo(dtype)
        eps, t, top = float(info.eps), self.temperature, abs(float(self._levels[0]))
        y, p = self._floats
        steps = 4 + log2(len(y))  # roundings of one term on its way into a sum
        with np.errstate(all="ignore"):
            weighted = lambda f: float(np.where(p > 0, p * f, 0).sum())  # noqa: E731
            mean = weighted(y)
            mean_error = eps * weighted((y + mean) * (y + steps))
            log_error = self._log_error(eps)
            d = np.abs(y - mean)
            moment = lambda n: weighted(  # noqa: E731
                eps * (y + steps) * d**n + n * d ** (n - 1) * (eps * (y + mean) + mean_error)
            )
            variance = weighted(d**2)
        # A weight w = exp(-y) that underflows or becomes subnormal is lost, and with it w y^n.
        order = {"heat_capacity": 2, "third_cumulant": 3, "fourth_cumulant": 4}.get(name, 1)
        floor = len(y) * float(info.tiny) * (1 - log(float(info.tiny))) ** order
        bound = {
            "log_partition": lambda: eps * top / t * 2 + 2 * log_error + eps,
            "free_energy": lambda: (
                2 * eps * top + t * (2 * log_error + eps * float(self._log_weight))
            ),
            "internal_energy": lambda: 2 * eps * top + t * (mean_error + eps * mean),
            "entropy": lambda: log_error + mean_error + 2 * eps * float(self.value("entropy")),
            "heat_capacity": lambda: moment(2),
            "third_cumulant": lambda: t**3 * (moment(3) + 4 * eps * weighted(d**3)),
            "fourth_cumulant": lambda: (
                t**4
                * (moment(4) + 6 * variance * moment(2) + 8 * eps * (weighted(d**4) + variance**2))
            ),
        }[name]
        with np.errstate(all="ignore"):
            bound = bound()
        scale = max(1.0, t) ** {"third_cumulant": 3, "fourth_cumulant": 4}.get(name, 1)
        return bound + floor * scale

    def renyi_allowance(self, q: float, dtype) -> float:
        """The same for the Renyi entropy, whose code sums p^q - p: terms of one sign."""
        info = np.finfo(dtype)
        eps, steps = float(info.eps), 8 + log2(len(self.logits))
        y, p = self._floats
        with np.errstate(all="ignore"):
            powers = np.exp(-q * (y + float(self._log_weight)))  # alive also where p is not
            relative = eps * (max(1.0, q) * y + steps)
            error = float((np.abs(powers - p) * relative).sum()) / float(powers.sum())
            if powers.sum() < 0.5:  # the logarithm of a small sum is taken directly
                error = float((powers * relative).sum() / powers.sum())
                error += 2 * eps * q * (float(self._log_weight) + steps) + q * self._log_error(eps)
        # a power below the smallest normal number may be lost, and with it p^q ln p at most
        floor = len(y) * 750 * float(info.tiny)
        return error / abs(1 - q) + 2 * eps * float(abs(self.renyi(q))) + floor

    @property
    def _floats(self):
        _, gaps, p, _ = self._levels
        return np.array([float(g) for g in gaps]), np.array([float(x) for x in p])

    def _log_error(self, eps: float) -> float:
        """Each weight is rounded, and each sum on the way to that of all but one greatest logit.

        Other greatest logits have weight one exactly; among nothing else their sums are whole
        numbers, and exact.
        """
        y, p = self._floats
        steps = 4 + log2(len(y))
        summed = y > 0
        if bool((summed & (p > 0)).any()):
            summed = np.arange(len(y)) != int(y.argmin())
        return eps * float(np.where(p > 0, p * summed * (y + steps), 0).sum())

    @property
    @in_balls
    def _log_weight(self):
        return self._levels[3].log()


def misses(value: float, exact, allowance: float) -> bool:
    """Whether a float is further from the exact ball than allowed; NaN always is."""
    error = abs(arb(float(value)) - exact)
    return not bool(error <= arb(allowance) + arb(exact.rad()) * 2)
