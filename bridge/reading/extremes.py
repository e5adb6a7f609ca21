"""Points far out, for inequalities that ordinary points do not violate and nothing proves.

An inequality with a wrong constant fails only near the place where the right one is tight: at
distributions that are almost certain, at large or small temperatures, at wide gaps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any

from sympy import Basic
from sympy.core.relational import Relational

from bridge.ball_comparison import RULES, compared
from bridge.ball_numbers import BallError, UnsupportedError
from bridge.balls import Evaluation
from bridge.point_values import Drawn, nested
from bridge.points import Case, case_at, roles_of, within
from bridge.witness import place
from formal.functions import Subset
from formal.quantity import unfold

SIZES = (2, 3, 2, 4) * 15
FAR = ("1/1000", "1/30", "1/4", "1", "4", "30", "1000")


class Far(Drawn):
    """Values of very different sizes."""

    def parameter(self, name: Basic, place: int) -> Fraction:
        """A value of the type of a parameter, often a very large or small one."""
        if name.is_integer:
            return super().parameter(name, place)
        value = Fraction(self.random.choice(FAR))
        free = not (name.is_positive or name.is_nonnegative)
        return -value if free and self.random.random() < 0.5 else value

    def family(self, base: Basic, shape: Sequence[int]) -> Any:
        """The components of a family, most of them negligible beside some."""
        if isinstance(base, Subset):
            return super().family(base, shape)
        positive = getattr(base, "is_nonnegative", False)

        def component(at: tuple[int, ...]) -> Fraction:
            value = Fraction(self.random.choice(FAR))
            return value if positive or self.random.random() < 0.5 else -value

        return nested(shape, component)


def extreme_witness(
    claim: Relational, held: Sequence[Relational], seed: int = 0
) -> Mapping[str, str] | None:
    """A point far out at which a claim certainly fails, with its sides there; None without."""
    plainly: Any = unfold(claim)
    random = Random(f"{seed} {claim}")
    try:
        roles = roles_of(plainly, held, {})
        for size in SIZES:
            pick = Far(random)
            case = within(case_at(roles, plainly, held, {}, size, pick), held, roles)
            witness = _failure(plainly, case)
            if witness is not None:
                return witness
    except UnsupportedError:
        return None
    return None


def _failure(claim: Any, case: Case) -> Mapping[str, str] | None:
    evaluation = Evaluation(case.point)
    for indices in case.indices:
        try:
            found = compared(claim, evaluation, indices)
        except UnsupportedError:
            raise
        except BallError:
            continue
        if RULES[type(claim)](found.difference) is False:
            sides = {"left": _shown(found.left), "right": _shown(found.right)}
            return {**place(claim, case, indices), **sides}
    return None


def _shown(side: Any) -> str:
    from bridge.ball_numbers import ball

    return ball(side).str(20, radius=False)
