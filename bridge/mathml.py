"""Formulas in LaTeX as MathML, for pages that need neither script nor network."""

from __future__ import annotations

import re
from html import escape

from latex2mathml.converter import convert
from markupsafe import Markup

# The converter sets no space beside the name of a function.
FUNCTION = re.compile(
    r"(?P<before>(?<=[\w})]) )?"
    r"(?P<name>\\(?:ln|sinh?|cosh?|tanh?)(?![a-z]))"
    r"(?P<after> (?!\\left))?"
)


def mathml(latex: str, display: str = "block") -> Markup:
    """An equation as MathML; its LaTeX as code where the converter does not know it.

    The formula is one of porism's own: the converter does not escape what stands in ``\\text``.
    """
    try:
        return Markup(convert(FUNCTION.sub(_spaced, latex), display=display))
    except Exception:  # the converter raises errors of many kinds; LaTeX is readable too
        return Markup(f"<code>{escape(latex)}</code>")


def _spaced(found: re.Match[str]) -> str:
    before, after = (r"\, " if found[side] else "" for side in ("before", "after"))
    return before + found["name"] + after
