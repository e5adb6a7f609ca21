"""What the words around a formula say of it: which equations it rests on, and that it is assumed.

"Substituting (3) into (5)" before a formula cites both; "unlike (3)" and "we obtain (3)" cite
nothing. "Subject to the constraint" before a formula says that it is an assumption; "setting the
derivative to zero", that its steps `= 0` are.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from bridge.reading.document import REFERENCES, Document, Formula
from bridge.reading.tokens import ReadingError, Token, argument, written

FARTHEST = 1_200  # tokens of text that are looked at beside a formula
CITING = frozenset(
    """use uses using used by from with substituting substitute inserting insert plugging putting
    combining combine combined given under via through applying apply recalling because since
    thanks owing follows eliminating solving into""".split()
)
REFUSING = frozenset(
    """prove proves proving show shows showing unlike contrast compare compared instead without not
    neither nor obtain obtains derive derives deriving equivalent generalizes generalises
    reproduces recover recovers verify check like similar analogous turns becomes""".split()
)
LEADING = re.compile(r"\s*(?:implies|imply|gives?|yields?|leads?\s+to)\b")
WORD = re.compile(r"⟦([^⟧]*)⟧|\((\d+[a-z]?)\)|([A-Za-z]+)")
ABBREVIATED = re.compile(r"(?:\b(?:eqs?|eqn|eqns|refs?|secs?|figs?|cf|resp)|\b\w\.\w)\.$", re.I)
END = re.compile(r"[.?!](?=\s|$)|¶")
BREAKING = ("\\item", "\\begin", "\\end", "\\section", "\\subsection", "\\paragraph")
ASSUMED = re.compile(
    r"\b(assum\w*|suppos\w*|constraints?|subject to|impos\w*|requir\w*|stationary|stationarity)\b"
    r"(?P<rest>(?:(?!⟦|,|;|\b(?:we|find|then|gives?|get|obtain|have|follows?|yields?|becomes?|so|"
    r"implies|leads?)\b).)*)$",
    re.IGNORECASE | re.DOTALL,
)
ZEROED = re.compile(
    r"\b(?:set|sets|setting|put|putting|equating|equal)\b[^¶]*\b(?:zero|0)\b", re.I
)


@dataclass(frozen=True)
class Around:
    """What is said around a formula: the labels that it cites, and numbers as `(3)`; the words by
    which it is assumed, and whether those are about its steps `= 0` alone."""

    cites: tuple[str, ...] = ()
    assumed: str = ""
    vanishing: bool = False


def around(found: Sequence[Token], document: Document) -> dict[int, Around]:
    """What is said around each formula of a paper of these tokens, by where it begins."""
    formulas = sorted(document.formulas, key=lambda formula: formula.span)
    pieces = _pieces(found, formulas)
    ends = [f.span[1] for f in formulas if f.displayed]
    starts = [f.span[0] for f in formulas if f.displayed]
    result: dict[int, Around] = {}
    for n, formula in enumerate(formulas):
        before, after = formula.span
        known = bisect_left(ends, before + 1)
        begins = max(ends[known - 1] if known else 0, before - FARTHEST)
        lead = _last_sentence("".join(pieces[begins:before]))
        beyond = bisect_left(starts, after)
        until = starts[beyond] if beyond < len(starts) else len(found)
        until = min(until, after + FARTHEST)
        if not formula.displayed and n + 1 < len(formulas):
            until = min(until, formulas[n + 1].span[0])
        rest = "" if _is_ended(formula) else "".join(pieces[after:until])
        assumed = ASSUMED.search(lead)
        cites = (*cited(lead), *cited(_trailing(rest, formula, until < len(found))))
        result[before] = Around(
            tuple(dict.fromkeys(cites)),
            assumed.group(1) if assumed else "",
            assumed is None and ZEROED.search(lead) is not None,
        )
    return result


def cited(sentence: str) -> list[str]:
    """The labels and numbers that a sentence says to use; the last word that decides, decides."""
    found: list[str] = []
    follow = False
    for match in WORD.finditer(sentence):
        label, number, word = match.groups()
        if word is not None:
            follow = word.lower() in CITING or (follow and word.lower() not in REFUSING)
        elif follow or LEADING.match(sentence, match.end()):
            names = [f"({number})"] if label is None else label.split(",")
            found += [name.strip() for name in names]
    return found


def _trailing(text: str, formula: Formula, followed: bool) -> str:
    """The rest of a formula's sentence, unless it leads on to another formula."""
    end = next(iter(_ends(text)), None)
    if end is None and followed and formula.displayed:
        return ""
    sentence = text if end is None else text[: end.start()]
    return sentence.partition("$")[0]  # what follows leads on to the next formula


def _last_sentence(text: str) -> str:
    text = text.rstrip(" ¶")
    ends = [match.end() for match in _ends(text)]
    return text[ends[-1] :] if ends else text


def _ends(text: str) -> list[re.Match[str]]:
    return [m for m in END.finditer(text) if not ABBREVIATED.search(text[: m.end()][-12:])]


def _is_ended(formula: Formula) -> bool:
    """Whether a formula ends with a full stop."""
    tokens = [token.text for cell in formula.rows[-1].cells for token in cell]
    solid = [text for text in tokens if text.strip()]
    return bool(solid) and solid[-1] == "."


def _pieces(found: Sequence[Token], formulas: Sequence[Formula]) -> list[str]:
    """The text that each token is: references in brackets of their own, inline formulas as `$`."""
    inline = {f.span[0]: f.span[1] for f in formulas if not f.displayed}
    pieces = [""] * len(found)
    position = 0
    while position < len(found):
        token, start = found[position].text, position
        position += 1
        if start in inline:
            pieces[start] = " $ "
            position = max(inline[start], position)
        elif token in (*REFERENCES, "\\label"):
            try:
                name, position = argument(found, position)
            except ReadingError:
                continue
            pieces[start] = "" if token == "\\label" else f"⟦{written(name)}⟧"
        elif token == "par" or token in BREAKING:
            pieces[start] = "¶"
        else:
            pieces[start] = " " if token == "~" or token[0] == "\\" else token
    return pieces
