"""Questions to the author, each with the declaration that would answer it."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.reading.scope import UnknownName
from bridge.reading.tokens import Place


def declare_random(names: Sequence[str]) -> str:
    """How to declare random variables."""
    letters = ", ".join(name.lower() for name in names)
    how = "joint" if len(names) > 1 else "probabilities"
    return f"Declare it: % porism: {', '.join(names)} random with {how} p({letters})"


class UnknownDistribution(UnknownName):
    """A distribution that the paper has not introduced."""

    def __init__(self, name: str, place: Place) -> None:
        """The name and where it stands."""
        super().__init__(name, place)
        said = (
            f"what is {name} a distribution over? Declare it: % porism: {name} has probabilities"
        )
        self.message = f"{said} {name.lower()}(x)"
