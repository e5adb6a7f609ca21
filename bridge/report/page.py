"""The report as one page: self-contained, readable without network and without script."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from itertools import groupby
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from bridge.mathml import mathml
from bridge.pages import templates
from bridge.report.ledger import Row
from bridge.report.plain import counts
from bridge.report.plotting import Picture
from bridge.report.readings import Readings
from bridge.sample import Sample
from bridge.verdict import Evidence, Status
from formal.statement import BOLD

COLUMNS = {
    "proof": ("kernel",),
    "enclosures": ("balls", "strings"),
    "property tests": ("property",),
    "model": ("model",),
}
SIGNS = {
    Status.PROVED: "∎",
    Status.SUPPORTED: "✓",
    Status.REFUTED: "✗",
    Status.UNDEFINED: "∅",
    Status.UNKNOWN: "?",
}
MEANINGS = {
    "PROVED": "proved for every vocabulary size",
    "SUPPORTED": "supported, with no counterexample",
    "UNKNOWN": "undecided",
    "UNDEFINED": "not well defined on the domain that is claimed",
    "REFUTED": "refuted",
}


def page(
    ledger: Mapping[str, Any],
    rows: Sequence[Row],
    sample: Sample,
    readings: Readings,
    shown: Sequence[Picture],
    drawn: Mapping[str, str],
) -> str:
    """The page as HTML; `drawn` holds the SVG of each picture by name."""
    figures = [(picture, Markup(drawn[picture.name])) for picture in shown]
    return (
        _environment()
        .get_template("page.html")
        .render(
            ledger=ledger,
            reading=Markup(reading(rows, sample, readings)),
            counts=counts(rows),
            figures=figures[:-1],
            residuals=figures[-1],
            columns=COLUMNS,
            topics=[
                (topic.replace("_", " "), list(members))
                for topic, members in groupby(rows, key=lambda row: row.statement.topic)
            ],
            sample=sample,
            readings=readings,
            signs=SIGNS,
        )
    )


def reading(rows: Sequence[Row], sample: Sample, readings: Readings) -> str:
    """The result in one paragraph, as HTML."""
    found = counts(rows)
    said = [
        f"<b>{found[status]} {'is' if found[status] == 1 else 'are'} {meaning}</b>"
        for status, meaning in MEANINGS.items()
        if found[status]
    ]
    tested = [row for row in rows if _spoke(row.evidence("model"))]
    failed = sum(row.evidence("model").status is Status.REFUTED for row in tested)  # type: ignore[union-attr]
    held = (
        f"All {len(tested)} that speak of its outputs hold within rounding where they were asked"
        if not failed
        else f"{failed} of the {len(tested)} that speak of its outputs "
        f"{'fails' if failed == 1 else 'fail'} there"
    )
    held += _positions(tested, len(sample)) + "."
    return (
        f"Of {len(rows)} statements, {_listed(said)}. The model {escape(sample.model)} was asked "
        f"for {len(sample):,} next-token distributions over {sample.vocabulary_size:,} tokens. "
        f"{held if tested else 'None was put to its outputs.'} "
        f"It predicts this text with a perplexity of {readings.perplexity:.1f}; the mean entropy "
        f"of its next token is {readings.entropy.mean():.2f} nats, and "
        f"{readings.zero_points[0.5]:.0%} of the positions are near zero points "
        "(entropy below half a nat)."
    )


def _spoke(evidence: Evidence | None) -> bool:
    return evidence is not None and evidence.status is not Status.UNKNOWN


def _positions(tested: Sequence[Row], everywhere: int) -> str:
    """On how many positions statements were put to a model: what is dear is asked at a few."""
    asked = [row.evidence("model").data.get("positions") for row in tested]  # type: ignore[union-attr]
    few = [number for number in asked if number is not None and number < everywhere]
    if not few:
        return ""
    return (
        f" ({sum(number == everywhere for number in asked)} at all positions, {len(few)} at "
        f"{max(few)} or fewer)"
    )


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def _sentence(doc: str) -> Markup:
    return Markup(BOLD.sub(r"<b>\1</b>", escape(doc, quote=False)))


def _date(stamp: str) -> str:
    return f"{datetime.fromisoformat(stamp):%d %B %Y, %H:%M} UTC"


def _pretty(data: Any) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False, default=str)


def _environment() -> Environment:
    environment = templates("bridge.report")
    environment.filters.update(mathml=mathml, sentence=_sentence, pretty=_pretty, date=_date)
    return environment
