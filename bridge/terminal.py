"""What the command line prints for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from bridge.errors import unknown_name
from bridge.plain_math import plain

COLUMNS = ("kernel", "exact", "balls", "strings", "property", "coq", "audit")

if TYPE_CHECKING:
    from sympy import Basic

    from bridge.report.job import Report
    from bridge.report.ledger import Row
    from formal import Statement
    from numeric.model_cache import CacheEntry


def select(
    statements: Mapping[str, Statement], topic: str | None, kind: str | None
) -> list[Statement]:
    """The statements of a topic and a kind, each None for all.

    A topic that no statement has, or a kind that there is not, is a `BadInput`.
    """
    from formal.statement import Kind

    topics = {statement.topic for statement in statements.values()}
    if topic is not None and topic not in topics:
        raise unknown_name("topic", topic, topics, f"topics {', '.join(sorted(topics))}")
    if kind is not None and kind not in get_args(Kind):
        raise unknown_name("kind", kind, get_args(Kind), f"kinds {', '.join(get_args(Kind))}")
    return [
        statement
        for statement in statements.values()
        if topic in (None, statement.topic) and kind in (None, statement.kind)
    ]


def listing(statements: Sequence[Statement]) -> str:
    """Statements by topic: name, equation, sentence."""
    lines = []
    for topic, members in groupby(statements, key=lambda statement: statement.topic):
        lines += [topic, "-" * len(topic)]
        for statement in members:
            lines += [f"{statement.name}  ({statement.kind})", f"    {statement.doc}"]
            lines += [f"    {plain(statement.latex)}", ""]
    return "\n".join([*lines, f"{len(statements)} statements"])


def card(statement: Statement, rests_on: Sequence[str] = ()) -> str:
    """Everything about one statement; `rests_on` names the definitions below it."""
    from formal.latex import latex

    source = " ".join(filter(None, (statement.source.key, statement.source.at)))
    hypotheses = [plain(latex(hypothesis)) for hypothesis in statement.domain]
    lines = {
        "": f"{statement.name}  ({statement.kind}, topic {statement.topic})",
        " ": statement.doc,
        "equation": plain(statement.latex),
        "LaTeX": statement.latex,
        "assuming": ", ".join(hypotheses),
        "tight at": ", ".join(
            f"{plain(latex(k))} = {_value(v)}" for k, v in statement.tight_at.items()
        ),
        "checked by": ", ".join(statement.consequences),
        "measured": statement.measure,
        "falsified": statement.falsified,
        "rests on": ", ".join(rests_on),
        "covers": ", ".join(statement.item),
        "source": f"{source} ({statement.source.fidelity})",
    }
    text = "\n".join(_field(name, value) for name, value in lines.items() if value)
    return text + _unfolded(statement)


def family_tree(known: Mapping[str, Statement], name: str, above: Sequence[str]) -> str:
    """What a statement rests on, indented by level, each once; then what rests on it."""
    from formal.graph import uses

    graph, seen, lines = uses(known), set(), []

    def visit(one: str, depth: int) -> None:
        again = one in seen and graph.out_degree(one)
        lines.append(f"{'  ' * depth}{one}{' (above)' if again else ''}")
        if one not in seen:
            seen.add(one)
            for below in graph.successors(one):
                visit(below, depth + 1)

    visit(name, 0)
    lines += ["", f"used by {len(above)}"] + [f"  {one}" for one in above]
    return "\n".join(lines)


def _value(value: Basic) -> str:
    """A value or a family of values; a family by its component at its own index."""
    from sympy import Lambda

    from formal.latex import latex

    return plain(latex(value.expr if isinstance(value, Lambda) else value))


def _field(name: str, value: str) -> str:
    return f"{name:<11}{value}" if name.strip() else value


def _unfolded(statement: Statement) -> str:
    """The claim over plain sums, as SymPy prints it."""
    if statement.unfolded is None:
        return ""
    from formal.latex import latex

    return f"\n{'unfolded':<11}{plain(latex(statement.unfolded))}"


def matrix(rows: Sequence[Row]) -> str:
    """A line per statement: its status, and that of every oracle that was asked."""
    from bridge.report.plain import counts

    asked = {e.oracle for row in rows for e in row.verdict.evidence}
    oracles = [o for o in COLUMNS if o in asked]
    width = max([len("statement"), *(len(row.statement.name) for row in rows)])
    lines = [f"{'statement':<{width}}  {'verdict':<10}" + "".join(f"{o:<11}" for o in oracles)]
    for row in rows:
        found = [row.evidence(oracle) for oracle in oracles]
        cells = "".join(f"{'-' if e is None else e.status!s:<11}" for e in found)
        lines.append(f"{row.statement.name:<{width}}  {row.status!s:<10}{cells}".rstrip())
        lines += [f"    {e.oracle}: {e.detail}" for e in row.verdict.evidence if not e.status]
    ours = any(row.statement.module.startswith("formal.") for row in rows)
    return "\n".join([*lines, "", _tally(counts(rows)), *([coverage_line(rows)] if ours else [])])


def coverage_line(rows: Sequence[Row]) -> str:
    """How many items of the plan the statements of the rows are about."""
    from formal.items import coverage

    covered = coverage({row.statement.name: row.statement for row in rows})
    count = sum(map(bool, covered.values()))
    return f"{count} of {len(covered)} items of the plan covered; `porism status --items`"


def uncovered() -> str:
    """The items of the plan that no statement is about, and what of others is missing and why."""
    from formal import statements
    from formal.items import ITEMS, OPEN, coverage

    missing = [item for item, names in coverage(statements()).items() if not names]
    partly = [item for item in OPEN if item not in missing]
    return "\n".join(
        [
            *(f"{item:<9}{ITEMS[item]}{_why(item)}" for item in missing),
            "",
            "of items that are covered there is no statement of:",
            *(f"{item:<9}{OPEN[item]}" for item in partly),
            "",
            f"{len(missing)} of {len(ITEMS)} items not covered",
        ]
    )


def _why(item: str) -> str:
    """The reason why there is no statement, where it is known."""
    from formal.items import OPEN

    return f" ({OPEN[item]})" if item in OPEN else ""


def summary(report: Report) -> str:
    """What a report found, and where it is."""
    data = report.ledger
    readings, model = data["readings"], data["model"]
    lines = [
        f"{data['summary']['statements']} statements: {_tally(data['summary']['status'])}",
        f"{model['name']}: {model['positions']} positions, V = {model['vocabulary_size']:,}, "
        f"perplexity {readings['perplexity']:.2f}, {readings['bits_per_byte']:.3f} bits per byte",
    ]
    for row in data["statements"]:
        if row["status"] not in ("PROVED", "SUPPORTED"):
            why = next(e["detail"] for e in row["evidence"] if e["status"] == row["status"])
            lines.append(f"  {row['status']} {row['name']}: {why}")
    return "\n".join([*lines, f"{data['seconds']['all']:.0f} s; open {report.page}"])


def evaluation(found: Mapping[str, Any]) -> str:
    """The readings of a model on a text as a table."""
    lines = [
        f"model          {found['model']} (V = {found['vocabulary_size']:,})",
        f"positions      {found['positions']:,} ({found['text_bytes']:,} bytes)",
        f"perplexity     {found['perplexity']:.4f}",
        f"bits per byte  {found['bits_per_byte']:.4f}",
    ]
    shares = ", ".join(f"{name}: {share:.2%}" for name, share in found["zero_points"].items())
    lines += [f"zero points    {shares}", "", "means over positions (nats, k_B = 1, E = -logits)"]
    names = ("temperature", "entropy", "heat_capacity", "free_energy", "internal_energy")
    lines.append("".join(f"{title:>12}" for title in ("T", "S", "C", "F", "U")))
    for row in found["temperatures"]:
        cells = [f"{row[name]:>12.5g}" for name in names[:1]]
        lines.append("".join([*cells, *(f"{row[name]:>12.5f}" for name in names[1:])]))
    return "\n".join(lines)


def cached(folder: Path, entries: Iterable[CacheEntry]) -> str:
    """The models kept in the cache."""
    lines = [
        f"  {entry.source}  {entry.bytes / 1e6:,.0f} MB  {entry.format}  {entry.created}"
        for entry in entries
    ]
    return "\n".join([f"{folder}: {len(lines)} converted models", *lines])


def _tally(found: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {status}" for status, number in found.items() if number)
