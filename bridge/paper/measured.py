"""What a report measured, read from its `ledger.json`: numbers with their uncertainties.

Every number is checked on reading: a ledger is a file from somebody else.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.errors import BadInput

FORMAT = "porism.ledger/1"
MOST = 2**28  # bytes; the ledger of the whole catalogue is a hundredth of this
MEANS = ("entropy", "heat_capacity", "free_energy", "internal_energy")


@dataclass(frozen=True)
class Number:
    """A measured number, its standard uncertainty or None, its unit, and where it stands."""

    value: float
    error: float | None
    unit: str
    place: str


@dataclass(frozen=True)
class Measured:
    """The numbers of a ledger by name, means at each temperature, curves, and provenance.

    `at[T][quantity]` are means over positions at a temperature; `curves` and `balance` hold
    lists of numbers of one length each.
    """

    numbers: Mapping[str, Number]
    at: Mapping[float, Mapping[str, Number]]
    curves: Mapping[str, list[float]]
    balance: Mapping[str, list[float]]
    blocks: int
    about: Mapping[str, str]


def measured(path: Path) -> Measured:
    """The numbers of a ledger.

    Raises:
        BadInput: It cannot be read, is no ledger of this format, or lacks what a paper prints.
    """
    data = _json(path)
    if data.get("format") != FORMAT:
        raise BadInput(f"expected a ledger of format {FORMAT}, {path} has {data.get('format')!r}")
    if not isinstance(data.get("readings"), dict) or not isinstance(data.get("model"), dict):
        raise BadInput(
            f"{path} has no readings of a model; `porism report` writes a ledger that has"
        )
    if "standard_errors" not in data["readings"]:
        raise BadInput(f"{path} has no standard errors; run `porism report` again")
    return _Reader(data, path).read()


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MOST:
            raise BadInput(f"{path} is larger than any ledger ({MOST} bytes)")
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"expected a ledger in JSON, {path}: {error}") from error
    if not isinstance(data, dict):
        raise BadInput(f"expected a ledger in JSON, {path} holds a {type(data).__name__}")
    return data


class _Reader:
    """Takes numbers out of a ledger by the path of their keys, and says which is missing."""

    def __init__(self, data: dict[str, Any], path: Path) -> None:
        self.data, self.path = data, path

    def read(self) -> Measured:
        rows = self.found("readings/temperatures")
        at = {self.real(f"readings/temperatures/{n}/temperature"): n for n in range(len(rows))}
        return Measured(
            numbers={
                "perplexity": self.mean("perplexity", ""),
                "bits_per_byte": self.mean("bits_per_byte", "bits"),
                "zero_points": self.mean("zero_points/entropy < 0.5", ""),
                "heat_capacity_peak": self.median("readings/heat_capacity_peak"),
                "certain_gap": self.number("readings/certain_gap", "nats"),
                "largest_gap": self.number("readings/largest_gap", "nats"),
                "log_vocabulary": self.logarithm("model/vocabulary_size", "nats"),
                "positions": self.number("model/positions", ""),
                "vocabulary": self.number("model/vocabulary_size", ""),
                "text_bytes": self.number("readings/text_bytes", ""),
            },
            at={
                t: {name: self.mean(f"temperatures/{n}/{name}", "nats") for name in MEANS}
                for t, n in at.items()
            },
            curves={
                "T": self.reals("readings/curves/temperature"),
                "peaks": self.reals("readings/curves/peaks"),
                **{
                    share: self.reals(f"readings/curves/heat_capacity/{share}")
                    for share in self.found("readings/curves/heat_capacity")
                },
            },
            balance={name: self.reals(f"readings/balance/{name}") for name in "TUFS"},
            blocks=int(self.real("readings/standard_errors/blocks")),
            about={
                "model": self.text("model/name"),
                "weights": self.text("model/provenance/sha256"),
                "text": self.text("configuration/text/name"),
                "porism": self.text("porism"),
                "torch": self.text("environment/packages/torch"),
            },
        )

    def mean(self, name: str, unit: str) -> Number:
        """A mean over positions with its standard error, where there is one."""
        place = f"readings/standard_errors/{name}"
        error = None if self.found(place) is None else self.real(place)
        return Number(self.real(f"readings/{name}"), error, unit, f"readings/{name}")

    def number(self, place: str, unit: str) -> Number:
        return Number(self.real(place), None, unit, place)

    def median(self, place: str) -> Number:
        """The median of the peaks; its error is that of a median of normal numbers."""
        peaks = self.reals("readings/curves/peaks")
        error = None
        if len(peaks) > 1:
            error = statistics.stdev(peaks) * math.sqrt(math.pi / 2 / len(peaks))
        return Number(self.real(place), error, "nats", place)

    def logarithm(self, place: str, unit: str) -> Number:
        return Number(math.log(self.real(place)), None, unit, f"ln {place}")

    def real(self, place: str) -> float:
        value = self.found(place)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise BadInput(f"{self.path}: expected a number at {place}, got {value!r:.60}")
        if not math.isfinite(value):
            raise BadInput(f"{self.path}: expected a finite number at {place}, got {value}")
        return float(value)

    def reals(self, place: str) -> list[float]:
        values = self.found(place)
        if not isinstance(values, list):
            raise BadInput(f"{self.path}: expected a list of numbers at {place}")
        return [self.real(f"{place}/{number}") for number in range(len(values))]

    def text(self, place: str) -> str:
        return str(self.found(place))

    def found(self, place: str) -> Any:
        """What stands at a path of keys, with slashes between them."""
        here: Any = self.data
        for key in place.split("/"):
            if isinstance(here, list) and key.isdigit() and int(key) < len(here):
                here = here[int(key)]
            elif isinstance(here, dict) and key in here:
                here = here[key]
            else:
                raise BadInput(f"{self.path} has nothing at {place}; run `porism report` again")
        return here
