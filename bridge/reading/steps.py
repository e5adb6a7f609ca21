"""The steps of a paper: relations between two sides, as tokens, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.reading.citations import Around
from bridge.reading.document import Document
from bridge.reading.said import Reading, Said
from bridge.reading.sentences import Chain, chains
from bridge.reading.tokens import Place, ReadingError, Token, written
from bridge.reading.vocabulary import RELATIONS as RELATED


@dataclass
class Step:
    """A relation between two sides that is still to be read."""

    order: int
    number: int
    said: Around
    left: list[Token]
    right: list[Token]
    sign: str
    place: Place
    chain: Chain

    @property
    def latex(self) -> str:
        """The step as it is written."""
        shown = {":=": ":=", "<=": "\\le", ">=": "\\ge", "propto": "\\propto", "!=": "\\ne"}
        return f"{written(self.left)} {shown.get(self.sign, self.sign)} {written(self.right)}"


def steps_of(found: Document, said: Mapping[int, Around], reading: Reading) -> list[Step]:
    """The steps of all chains of a paper; formulas without a relation are noted as said."""
    steps: list[Step] = []
    for formula in found.formulas:
        try:
            read = chains(formula)
        except ReadingError as error:
            reading.problems.append(error.problem)
            continue
        for chain in read:
            if not chain.signs:
                _note_expression(chain, reading, len(steps) - 0.5)
            for n, (sign, place) in enumerate(zip(chain.signs, chain.places, strict=True)):
                left, right = chain.sides[n : n + 2]
                at = next((t.place for t in left if t.text.strip("{} ")), place)
                where = at if n == 0 else place
                about = said[formula.span[0]]
                steps.append(Step(len(steps), n + 1, about, left, right, sign, where, chain))
    return steps


def _note_expression(chain: Chain, reading: Reading, order: float) -> None:
    """A displayed formula that relates nothing is listed; a symbol in the text is not."""
    tokens = chain.sides[0]
    if chain.displayed and not chain.restricted and len(tokens) > 1:
        inside = [token.text for token in tokens]
        if any(text in RELATED for text in inside) and inside[0] == "(":
            return  # (x > 0) beside a formula
        said = "a formula without a relation claims nothing"
        reading.said.append(
            Said(
                "unread",
                tokens[0].place,
                written(tokens),
                chain.labels,
                message=said,
                order=order,
            )
        )
