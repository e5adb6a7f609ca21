"""Integrals to infinity of exponential sums, enclosed by their leading exponential.

For all `beta >= B` at once, a `Tail` encloses `beta^n exp(-r beta) (c + rho exp(-g beta))`, where
`rho` is a ball, `c` is exact where it can be, and the gap `g` is at most the least difference of
rates. Sums, products and quotients of such numbers are such numbers, an exact cancellation of
leading terms included, so that a variance decays as it should.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from flint import arb, fmpq

from bridge.ball_numbers import Number, UndecidedError, UnsupportedError

DECAY = 60  # g B: the tail is of order exp(-g B), and its ball of order exp(-2 g B) = 1e-52


class _GapError(Exception):
    """A difference of rates smaller than the assumed gap."""

    def __init__(self, gap: fmpq):
        self.gap = gap


@dataclass(frozen=True)
class _Frame:
    """What all tails of one computation share: the gap `g` and the start `B`."""

    gap: fmpq
    start: fmpq

    def decay(self, rate: fmpq) -> Number:
        """A ball for exp(-rate beta), beta >= B, or exactly one for the rate zero."""
        if rate == 0:
            return fmpq(1)
        most = (-arb(rate * self.start)).exp()
        return arb(0).union(most)


@dataclass(frozen=True, eq=False)
class Tail:
    """`beta^power exp(-rate beta) (lead + rest exp(-gap beta))` for all `beta >= start`."""

    frame: _Frame
    power: int
    rate: fmpq
    lead: Number
    rest: Number = fmpq(0)

    @property
    def factor(self) -> Number:
        """A ball for `lead + rest exp(-gap beta)`."""
        return self.lead + self.rest * self.frame.decay(self.frame.gap)

    @property
    def is_zero(self) -> bool:
        """Whether the number is exactly zero."""
        return bool(self.lead == 0 and self.rest == 0)

    def _lift(self, number: Number) -> "Tail":
        if isinstance(number, Tail):
            return number
        if not isinstance(number, (int, fmpq, arb)):
            raise UnsupportedError(f"a tail that depends on {type(number).__name__}")
        return Tail(self.frame, 0, fmpq(0), fmpq(number) if isinstance(number, int) else number)

    def _normal(self) -> "Tail":
        """Where the leading terms cancel exactly, the rest leads."""
        if self.lead != 0 or self.rest == 0 or not isinstance(self.lead, fmpq):
            return self
        return Tail(self.frame, self.power, self.rate + self.frame.gap, self.rest)

    def __add__(self, other: Number) -> "Tail":
        """The sum; the slower exponential leads."""
        slow, fast = self, self._lift(other)
        if slow.is_zero or fast.is_zero:
            return fast if slow.is_zero else slow
        if slow.power != fast.power:
            raise UnsupportedError("a tail that mixes powers of the variable")
        if slow.rate > fast.rate:
            slow, fast = fast, slow
        difference = fast.rate - slow.rate
        if difference == 0:
            return replace(slow, lead=slow.lead + fast.lead, rest=slow.rest + fast.rest)._normal()
        if difference < self.frame.gap:
            raise _GapError(difference)
        rest = slow.rest + fast.factor * self.frame.decay(difference - self.frame.gap)
        return replace(slow, rest=rest)

    def __mul__(self, other: Number) -> "Tail":
        """The product."""
        other = self._lift(other)
        rest = self.lead * other.rest + self.rest * other.factor
        power, rate = self.power + other.power, self.rate + other.rate
        return Tail(self.frame, power, rate, self.lead * other.lead, rest)._normal()

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> "Tail":
        """The negative."""
        return replace(self, lead=-self.lead, rest=-self.rest)

    def __rtruediv__(self, one: int) -> "Tail":
        """The reciprocal."""
        if not (self.factor != 0 and self.lead != 0):
            raise UndecidedError("division by a tail that may vanish")
        rest = -self.rest / (self.lead * self.factor)
        return Tail(self.frame, -self.power, -self.rate, 1 / self.lead, rest) * one

    def exp(self) -> "Tail":
        """The exponential of a rational multiple of the variable."""
        linear = self.power == 1 and self.rate == 0 and self.rest == 0
        if not (linear and isinstance(self.lead, fmpq)):
            raise UnsupportedError("a tail with an exponent that is not linear with rational rate")
        return Tail(self.frame, 0, -self.lead, fmpq(1))

    def integral(self) -> Number:
        """The integral over `beta >= start`."""
        if self.is_zero:
            return fmpq(0)
        if not (self.rate > 0 and self.power >= 0):
            raise UnsupportedError("an integral to infinity without exponential decay")
        order = fmpq(self.power + 1)
        gamma = arb(self.rate * self.frame.start).gamma_upper(arb(order))
        return self.factor * gamma / arb(self.rate) ** (self.power + 1)


def tail_integral(integrand: Callable[[Number], Number]) -> tuple[fmpq, Number]:
    """A start `B`, and the integral of a function from `B` to infinity.

    Raises:
        UnsupportedError: The integrand is constant, or no rational function of exponentials.
    """
    gap = fmpq(1)
    while True:
        frame = _Frame(gap, DECAY / gap)
        try:
            value = integrand(Tail(frame, 1, fmpq(0), fmpq(1)))
        except _GapError as error:
            gap = error.gap
            continue
        if not isinstance(value, Tail):
            raise UnsupportedError("an integral to infinity of a constant")
        return frame.start, value.integral()
