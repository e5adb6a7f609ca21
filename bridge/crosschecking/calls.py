"""Calls of the function under test: inputs handed over as copies, results looked at before use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from bridge.crosschecking.arrays import ArrayKind, uses
from bridge.crosschecking.inputs import Case
from bridge.crosschecking.patience import Patience, TimeLimit
from bridge.crosschecking.targets import Kind, Target


class Misbehaviour(Exception):
    """A call that gave no value to compare: why, and on which inputs."""

    def __init__(self, kind: str, message: str, case: Case, shape: tuple[int, ...] = ()):
        """What is wrong, in one word and in one sentence, and a case on which it is.

        It is seen where rows are handed over in this shape, () for a bare vector.
        """
        super().__init__(message)
        self.kind, self.message, self.case, self.shape = kind, message, case, shape


@dataclass(frozen=True)
class Calls:
    """A function under test, what it is held against, and the arrays it is handed."""

    function: Callable[..., Any]
    target: Target
    arrays: ArrayKind
    patience: Patience

    def values(self, cases: Sequence[Case], shape: tuple[int, ...] | None = None) -> Tensor:
        """The function's values at cases of one size and the same numbers, (rows, ...).

        They are handed over as arrays of a shape, (rows,) unless another is given; () is a bare
        vector.

        Raises:
            Misbehaviour: There is no such value.
            TimeLimit: The function did not return in time.
        """
        shape = (len(cases),) if shape is None else shape
        tensors = self.tensors(cases, shape)
        return self.checked(self.call(tensors, cases[0]), cases, shape).reshape(
            len(cases), *((cases[0].size,) if self.target.per_token else ())
        )

    def tensors(self, cases: Sequence[Case], shape: tuple[int, ...]) -> list[Any]:
        """The arguments of a call, as tensors and numbers."""
        dtype, size = getattr(torch, cases[0].dtype), cases[0].size
        found: list[Any] = []
        families = numbers = 0
        for argument in self.target.arguments:
            if argument.kind is Kind.LOGITS:
                table = torch.tensor([case.rows[families] for case in cases], dtype=torch.float64)
                found.append(table.to(dtype).reshape(*shape, size))
                families += 1
                continue
            if argument.kind is Kind.TOKEN:
                tokens = torch.tensor([case.numbers[numbers] for case in cases])
                found.append(tokens.reshape(shape))
            else:
                found.append(cases[0].numbers[numbers])
            numbers += 1
        return found

    def call(self, tensors: Sequence[Any], case: Case, *, strided: bool = False) -> Any:
        """What the function returns on copies of some arguments, which it must not change.

        Where `strided`, the copies are not contiguous in memory.

        Raises:
            Misbehaviour: It raises, or changes its input.
            TimeLimit: It did not return in time.
        """
        handed, held = ([self._copied(given, strided) for given in tensors] for _ in range(2))
        try:
            result = self.patience.run(lambda: self.function(*handed))
        except TimeLimit:
            raise
        except Exception as error:
            told = f"{type(error).__name__}: {error}".strip().splitlines()[0][:300]
            told += self._hint(isinstance(error, (TypeError, AttributeError)))
            shape = tuple(tensors[0].shape[:-1])
            raise Misbehaviour("raises", f"it raises {told}", case, shape) from error
        for before, after, argument in zip(held, handed, self.target.arguments, strict=True):
            if isinstance(before, (int, float)):
                continue
            first, second = self.arrays.leave(before), self.arrays.leave(after)
            if first is None or second is None or not _same(first, second):
                raise Misbehaviour(
                    "modifies its input",
                    f"it changes its argument {argument.name} in place; expected it untouched",
                    case,
                )
        return result

    def checked(self, result: Any, cases: Sequence[Case], shape: tuple[int, ...]) -> Tensor:
        """A result as a tensor of the dtype and shape that were expected.

        Raises:
            Misbehaviour: It is none.
        """
        case = cases[0]
        value = self.arrays.leave(result)
        if value is None:
            raise Misbehaviour(
                "no array",
                f"it returns {_described(result)}; expected an array of {self.arrays.name}"
                + self._hint(type(result).__module__ == "numpy"),
                case,
            )
        if not value.dtype.is_floating_point:
            raise Misbehaviour(
                "integers" if not value.dtype.is_complex else "dtype",
                f"it returns {_name(value.dtype)}; expected floating-point numbers",
                case,
            )
        expected = (*shape, case.size) if self.target.per_token else shape
        if tuple(value.shape) != expected:
            kind = "scalar" if value.ndim == 0 else "shape"
            raise Misbehaviour(
                kind,
                f"it returns shape {tuple(value.shape)} for logits of shape "
                f"{(*shape, case.size)}; expected {expected}",
                case,
                shape,
            )
        given = getattr(torch, case.dtype)
        if torch.finfo(value.dtype).eps > torch.finfo(given).eps:
            raise Misbehaviour(
                "dtype",
                f"it returns {_name(value.dtype)} for {case.dtype}; expected no narrower dtype",
                case,
            )
        return value

    def _hint(self, fits: bool) -> str:
        """What to do about a function of NumPy that is handed tensors, where that fits."""
        if fits and self.arrays.is_torch and uses(self.function) == "numpy":
            return '; it uses NumPy: with array="numpy" it is handed arrays of NumPy'
        return ""

    def _copied(self, given: Any, strided: bool) -> Any:
        return self.arrays.enter(given, strided=strided) if isinstance(given, Tensor) else given


def _same(first: Tensor, second: Tensor) -> bool:
    return first.shape == second.shape and bool(torch.equal(first.detach(), second.detach()))


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _described(result: Any) -> str:
    if result is None:
        return "None"
    if isinstance(result, (int, float)):
        return f"the Python number {result!r}"
    return f"a {type(result).__module__}.{type(result).__qualname__}".replace("builtins.", "")
