"""Equations as one line of Unicode, for terminals: fractions with a slash, indices as they can."""

from __future__ import annotations

import re

WORDS = {
    "alpha": "α", "beta": "β", "lambda": "λ", "mu": "μ", "pi": "π", "sigma": "σ", "kappa": "κ",
    "varepsilon": "ε", "epsilon": "ε", "ell": "ℓ", "Phi": "Φ", "Psi": "Ψ", "Delta": "Δ",
    "theta": "θ", "delta": "δ", "gamma": "γ", "rho": "ρ", "tau": "τ", "phi": "φ", "psi": "ψ",
    "sum": "∑", "prod": "∏", "int": "∫", "partial": "∂", "infty": "∞", "leq": "≤", "geq": "≥",
    "le": "≤", "ge": "≥", "neq": "≠", "ne": "≠", "in": "∈", "langle": "⟨", "rangle": "⟩",
    "cdot": "·", "mid": "|", "varnothing": "∅", "emptyset": "∅", "bigcup": "⋃", "cup": "∪",
    "to": "→", "sqrt": "√", "ln": "ln", "log": "log", "min": "min", "max": "max", "sup": "sup",
    "arccos": "arccos", "quad": "  ", "qquad": "    ", "forall": "∀", "subset": "⊂",
    "subseteq": "⊆", "times": "×", "exp": "exp", "dots": "…", "ldots": "…", "inf": "inf",
}  # fmt: skip
RAISED = str.maketrans("0123456789+-=()niT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀ")
LOWERED = str.maketrans("0123456789+-=()aeijkmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑᵢⱼₖₘₙₒₚᵣₛₜᵤᵥₓ")
FUNCTIONS = frozenset({"ln", "log", "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh"})
TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|.", re.DOTALL)
SILENT = {"left", "right", "mathrm", "mathcal", "text", "operatorname", "displaystyle"} | {
    size + side for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")
}
SPACES = {"\\,", "\\;", "\\:", "\\ ", "~"}


def plain(latex: str) -> str:
    """One line of Unicode for a formula in LaTeX; what is not known stays as it is written."""
    text = re.sub(r"\s+", " ", _Reader(latex).text()).strip()
    return text.replace("⟨ ", "⟨").replace(" ⟩", "⟩")


class _Reader:
    """Reads LaTeX from left to right; a group in braces is one piece."""

    def __init__(self, latex: str) -> None:
        self.tokens = TOKEN.findall(latex)
        self.place = 0

    def text(self) -> str:
        pieces = []
        while self.place < len(self.tokens) and self.tokens[self.place] != "}":
            pieces.append(self.piece())
        return "".join(pieces)

    def piece(self) -> str:
        token = self.tokens[self.place]
        self.place += 1
        if token == "{":
            inner = self.text()
            self.place += 1
            return inner
        if token in "^_" and len(token) == 1:
            return _script(token, self.argument())
        if token in SPACES:
            return " "
        if token == "\\|":
            return "‖"
        return self.word(token[1:]) if len(token) > 1 else token.replace("-", "−")

    def word(self, name: str) -> str:
        if name == "frac":
            return f"{_held(self.argument())}/{_held(self.argument())}"
        if name == "sqrt":
            return f"√{_held(self.argument())}"
        if name in SILENT:
            return ""
        return self._apart(name) if name in FUNCTIONS else WORDS.get(name, name)

    def _apart(self, name: str) -> str:
        """The name of a function, apart from the letters beside it."""
        before = self.tokens[self.place - 2] if self.place > 1 else "("
        after = self.tokens[self.place] if self.place < len(self.tokens) else "("
        left = "" if before in " ({[|-+=" else " "
        return left + name + ("" if after in (*" ({^_", "\\left") else " ")

    def argument(self) -> str:
        while self.place < len(self.tokens) and self.tokens[self.place] == " ":
            self.place += 1
        return self.piece().strip() if self.place < len(self.tokens) else ""


def _script(mark: str, text: str) -> str:
    table = RAISED if mark == "^" else LOWERED
    text = text.replace("−", "-")
    if all(ord(letter) in table for letter in text):
        return text.translate(table)
    return mark + (text if len(text) == 1 else f"({text})").replace("-", "−")


def _held(text: str) -> str:
    """Text that a slash does not tear apart: in parentheses where it has loose parts."""
    depth = 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if depth == 0 and letter in " +−/":
            return f"({text})"
    return text
