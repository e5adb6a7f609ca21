"""The oracle "exact": identities with their sums written out, at V = 2 and 3, decided by SymPy.

Nothing of the kernel is used: derivatives are SymPy's, logarithms and powers are expanded by
SymPy, and a difference is zero if its numerator expands to zero. What SymPy does not settle in
time has no answer, which is not a pass.
"""

import gc
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import Any

from sympy import (
    Dummy,
    Eq,
    Float,
    Mul,
    cos,
    cosh,
    count_ops,
    exp,
    expand,
    expand_log,
    factor,
    fraction,
    log,
    sin,
    sinh,
    tan,
    tanh,
    together,
)
from sympy.core.relational import Relational

from bridge.ball_numbers import BallError
from bridge.verdict import Evidence, Status
from bridge.written_out import written_out

SIZES = (2, 3)
PATIENCE = 1.0  # seconds for each size
LARGEST = 1500  # operations of a difference that is looked at


class _NoAnswerError(Exception):
    """SymPy does not settle it; says why."""


def exact_evidence(claim: Relational, assuming: Sequence[Relational] = ()) -> Evidence | None:
    """What SymPy's algebra says of an identity between sums, at each of `SIZES`.

    SUPPORTED: at some size both sides are one expression, for all values. UNKNOWN: no answer.
    None where the claim is no identity: inequalities are not decided so.
    """
    if not isinstance(claim, Eq):
        return None
    settled, why = [], ""
    for size in SIZES:
        try:
            with _limited(PATIENCE):
                for left, right in written_out(claim, assuming, size):
                    _settle(left - right)
        except (_NoAnswerError, BallError) as error:
            why = str(error)
            break
        except (
            RecursionError,
            ValueError,
            TypeError,
            NotImplementedError,
            AttributeError,
        ) as error:
            why = f"SymPy gave up ({type(error).__name__})"
            break
        settled.append(size)
    data = {"sizes": settled, "reason": why}
    if not settled:
        return Evidence("exact", Status.UNKNOWN, f"no answer: {why}", data)
    shown = " and ".join(map(str, settled))
    detail = f"SymPy's algebra at V = {shown}" + (f"; none beyond: {why}" if why else "")
    return Evidence("exact", Status.SUPPORTED, detail, data)


def _settle(difference: Any) -> None:
    """The difference is identically zero.

    Raises:
        _NoAnswerError: It is not, or not seen to be.
    """
    if difference == 0:
        return
    if count_ops(difference) > LARGEST:
        raise _NoAnswerError("the formula is too large")
    if difference.has(Float):
        raise _NoAnswerError("a floating point number")
    difference = difference.rewrite((sin, cos, tan, sinh, cosh, tanh), exp)
    plain = expand_log(difference.replace(log, lambda x: log(factor(x))))
    numerator, _ = fraction(together(_rational(plain)))
    if expand(numerator) != 0:
        raise _NoAnswerError("SymPy sees no equality")


def _rational(e: Any) -> Any:
    """The expression with exponentials of monomials, and logarithms, as symbols."""
    known: dict[Any, Any] = {}

    def symbol(atom: Any) -> Any:
        return atom if atom == -1 else known.setdefault(atom, Dummy(positive=True))  # e^(i pi)

    def powers(argument: Any) -> Any:
        terms = expand(argument).as_coefficients_dict()
        return Mul(*(symbol(exp(term)) ** factor for term, factor in terms.items()))

    return e.replace(exp, powers).replace(log, lambda x: symbol(log(x)))


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """A block that is left after some seconds, where the platform has alarms."""
    if not hasattr(signal, "SIGALRM") or current_thread() is not main_thread():
        yield
        return

    def stop(_signal: int, frame: FrameType | None) -> None:
        callbacks = [getattr(callback, "__code__", None) for callback in gc.callbacks]
        if frame is None or frame.f_code not in callbacks:  # there it would be lost
            raise _NoAnswerError("no time left")

    before = signal.signal(signal.SIGALRM, stop)
    # Again and again, since SymPy swallows some exceptions.
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds / 4)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
