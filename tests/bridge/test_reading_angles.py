r"""Sines and cosines in papers: `\sin`, `\cos`, `\tan` and `\pi` are read, proved and refuted."""

from typing import Any

import pytest
from sympy import Eq, cos, pi, sin

from bridge.reading import verify_paper
from bridge.reading.conventions import read_statement
from formal.latex import latex
from formal.symbols import theta

RIGHT = {
    "circle": r"\sin^2 x + \cos^2 x = 1",
    "sum": r"\cos(x + y) = \cos x \cos y - \sin x \sin y",
    "half a turn": r"\cos(x + \pi) = - \cos x",
    "double": r"\sin 2 x = 2 \sin x \cos x",
    "pi times a sum": r"\sin\left(\pi (1 - x)\right) = \sin \pi x",
    "slope": r"\frac{\partial}{\partial x} \sin(2 \pi x) = 2 \pi \cos(2 \pi x)",
    "quotient": r"\tan x = \frac{\sin x}{\cos x}",
    "area": r"\int_0^\pi \sin x \, dx = 2",
}
WRONG = {
    "minus": r"\sin^2 x - \cos^2 x = 1",
    "sum": r"\cos(x + y) = \cos x \cos y + \sin x \sin y",
    "even": r"\sin(-x) = \sin x",
    "slope": r"\frac{\partial}{\partial x} \cos x = \sin x",
}


def statuses(tmp_path, formulas):
    lines = [rf"\begin{{equation}} {formula} \end{{equation}}" for formula in formulas]
    path = tmp_path / "paper.tex"
    path.write_text("\n".join(["% porism: x real, y real", *lines]))
    return [line.status for line in verify_paper(path).lines]


def test_identities_are_proved_and_others_refuted(tmp_path):
    assert statuses(tmp_path, RIGHT.values()) == ["PROVED"] * len(RIGHT)
    assert statuses(tmp_path, WRONG.values()) == ["REFUTED"] * len(WRONG)


@pytest.mark.parametrize(
    "printed",
    [
        sin(theta) ** 2,
        cos(2 * pi * theta) / 2,
        2 * pi * sin(theta / 2) ** 3 * cos(theta),
        1 / sin(theta),
    ],
)
def test_what_is_printed_is_read_back(printed):
    claim: Any = Eq(printed, theta, evaluate=False)
    text = latex(claim)
    assert read_statement(text, "holonomies").lhs == claim.lhs
