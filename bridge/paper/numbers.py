"""Measured numbers as LaTeX macros, and the means at each temperature as a table.

`\\porismEntropyMean` is 2.71(8): digits that are certain, the standard uncertainty of a mean
behind them in parentheses. `\\porismat{entropy}{0.5}` is the mean at another temperature. Where a
number comes from stands in a comment beside it.
"""

from __future__ import annotations

from bridge.paper.digits import shown
from bridge.paper.measured import MEANS, Measured, Number
from formal.latex.text import escaped

MACROS = {
    "perplexity": "Perplexity",
    "bits_per_byte": "BitsPerByte",
    "zero_points": "ZeroPoints",
    "heat_capacity_peak": "HeatCapacityPeak",
    "certain_gap": "CertainGap",
    "largest_gap": "LargestGap",
    "log_vocabulary": "LogVocabulary",
    "positions": "Positions",
    "vocabulary": "Vocabulary",
    "text_bytes": "TextBytes",
}
AT_ONE = {
    "entropy": "EntropyMean",
    "heat_capacity": "HeatCapacityMean",
    "free_energy": "FreeEnergyMean",
    "internal_energy": "InternalEnergyMean",
}
SYMBOLS = {"entropy": "S", "heat_capacity": "C", "free_energy": "F", "internal_energy": "U"}


def macros(found: Measured) -> str:
    """The macros, one a line, each with its provenance in a comment."""
    source = f"% {', '.join(f'{name} {value}' for name, value in found.about.items())}"
    lines = [
        source.replace("\n", " "),
        _define("Meaning", meaning(found)),
        _define("Blocks", str(found.blocks)),
    ]
    lines += [_define("Model", escaped(found.about["model"]))]
    lines += [_define("Weights", escaped(found.about["weights"][:12]))]
    lines += [_macro(macro, found.numbers[name]) for name, macro in MACROS.items()]
    if 1.0 in found.at:
        lines += [_macro(macro, found.at[1.0][name]) for name, macro in AT_ONE.items()]
    lines += [_define("Temperatures", str(len(found.at)))]
    lines += [
        rf"\porismmeasured{{{name}@{t:g}}}{{{_tex(number)}}}% {_from(number)}"
        for t, row in found.at.items()
        for name, number in row.items()
    ]
    return "\n".join([*lines, ""])


def meaning(found: Measured) -> str:
    """What the parentheses mean, in words."""
    return (
        "Parentheses hold the standard uncertainty of a mean over positions, in units of its last "
        f"digit, from the means of {found.blocks} consecutive blocks of the text; of a median, "
        "from the spread of the positions."
    )


def temperatures(found: Measured) -> str:
    """A table of the means at each temperature, for booktabs."""
    head = " & ".join(rf"$\langle {SYMBOLS[name]} \rangle$" for name in MEANS)
    rows = [
        " & ".join([f"  {t:g}", *(_tex(row[name]) for name in MEANS)]) + r" \\"
        for t, row in sorted(found.at.items())
    ]
    return "\n".join(
        [
            r"\begin{tabular}{@{}r" + "r" * len(MEANS) + "@{}}",
            rf"  \toprule $T$ & {head} \\ \midrule",
            *rows,
            r"  \bottomrule",
            r"\end{tabular}",
            "",
        ]
    )


def rows_of(found: Measured) -> list[list[str]]:
    """The same table as text, its head first, symbols between dollars."""
    head = ["$T$", *(f"${SYMBOLS[name]}$" for name in MEANS)]
    rows = [
        [f"{t:g}", *(shown(row[name].value, row[name].error) for name in MEANS)]
        for t, row in sorted(found.at.items())
    ]
    return [head, *rows]


def _macro(name: str, number: Number) -> str:
    return f"{_define(name, _tex(number))}% {_from(number)}"


def _define(name: str, text: str) -> str:
    return rf"\newcommand\porism{name}{{{text}}}"


def _tex(number: Number) -> str:
    """A number for text and formulas: a true minus, thin spaces between thousands."""
    text = shown(number.value, number.error)
    whole, point, rest = text.partition(".")
    if whole.lstrip("-").isdigit() and len(whole.lstrip("-")) > 4:
        whole = f"{int(whole):,}".replace(",", r"\,")
    return rf"\ensuremath{{{whole}{point}{rest}}}"


def _from(number: Number) -> str:
    error = "" if number.error is None else f" +- {number.error!r}"
    return f"{number.place} = {number.value!r}{error} {number.unit}".rstrip()
