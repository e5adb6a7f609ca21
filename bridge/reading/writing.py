"""Nodes as text again: for the names of symbols, and for what is told to the author."""

from __future__ import annotations

import re

from bridge.reading import nodes

MATHEMATICAL = {"\\" + name: name for name in ("lambda",)}
SIGNS = {"<": "\\langle ", ">": "\\rangle ", "||": "\\|", "{": "{"}


def text(node: nodes.Row | nodes.Chain | nodes.Sum | nodes.Product | nodes.Item | None) -> str:
    """A node in LaTeX."""
    match node:
        case None:
            return ""
        case nodes.Row():
            signs = (*node.separators, "")
            return "".join(text(c) + s for c, s in zip(node.cells, signs, strict=False))
        case nodes.Chain():
            signs = (*(relation.sign for relation in node.relations), "")
            return "".join(text(s) + sign for s, sign in zip(node.sums, signs, strict=True))
        case nodes.Sum():
            pieces = [("-" if sign < 0 else "+") + text(term) for sign, term in node.terms]
            return "".join(pieces).removeprefix("+")
        case nodes.Product():
            return " ".join(text(item) for item in node.items)
        case nodes.Item():
            below = f"_{{{text(node.below)}}}" if node.below else ""
            above = f"^{{{text(node.above)}}}" if node.above else ""
            return _atom(node.atom) + "'" * node.primes + below + above


def _atom(atom: nodes.Atom) -> str:
    match atom:
        case nodes.Fraction():
            return f"\\frac{{{text(atom.top)}}}{{{text(atom.bottom)}}}"
        case nodes.Root():
            return f"\\sqrt{{{text(atom.body)}}}"
        case nodes.Group("{", row, _):
            return f"{{{text(row)}}}"
        case nodes.Group(opener, row, closer):
            return SIGNS.get(opener, opener) + text(row) + SIGNS.get(closer, closer)
        case nodes.Function(name) | nodes.Big(name):
            return f"\\{name}"
        case nodes.Words(said):
            return f"\\text{{{said}}}"
        case _:
            return atom.text


def symbol_name(written: str) -> str:
    """A name that SymPy prints as it was written and that proofs accept.

    `\\beta` becomes `beta`; characters that no name may have are left out.
    """
    if re.fullmatch(r"\\[a-zA-Z]+", written):
        return written[1:]
    kept = re.sub(r"[^\w\\{},^'*-]", "", written)
    return kept[:40] if re.match(r"\\?[^\W\d_]", kept) else f"x{kept}"[:40]
