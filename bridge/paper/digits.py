"""Numbers with the digits that are certain: 2.71(8) is 2.71 with the standard uncertainty 0.08."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

DIGITS = 4  # of a number that has no uncertainty


def shown(value: float, error: float | None = None) -> str:
    """A number rounded to its uncertainty, which is written behind it in units of the last digit.

    The uncertainty keeps one digit, two where the first is 1. Without one, four digits are kept,
    and integers as they are.
    """
    exact, width = Decimal(repr(value)), Decimal(repr(error or 0.0))
    if not width:
        whole = exact == exact.to_integral_value()
        return f"{exact:.0f}" if whole else _rounded(exact, exact.adjusted() - DIGITS + 1)
    place = width.adjusted() - (width.as_tuple().digits[0] == 1)
    if (
        width.adjusted() >= 0
    ):  # as it is, its digits may stand on both sides of the point: 14.6(1.3)
        return f"{_rounded(exact, place)}({_rounded(width, place)})"
    return f"{_rounded(exact, place)}({width.scaleb(-place):.0f})"


def _rounded(number: Decimal, place: int) -> str:
    """A number rounded at a power of ten, without an exponent."""
    return f"{number.quantize(Decimal(1).scaleb(place), ROUND_HALF_EVEN):f}"
