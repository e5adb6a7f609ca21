"""A finding: what is refuted, said in a sentence and shown by code that is run for its output."""

from __future__ import annotations

import ast
import inspect
import math
import re
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from types import ModuleType
from typing import Any, NamedTuple

from bridge.crosschecking.result import CrosscheckVerdict

ASSERTION = re.compile(r"assert abs\((.+) - expected\) <= .+, observed")


class Subject(NamedTuple):
    """A function of a library, wrapped to a signature, and what it is held against."""

    function: Callable[..., Any]
    against: str
    module: ModuleType

    @property
    def title(self) -> str:
        """What the function is, as the first paragraph of its docstring says it."""
        return self._paragraphs[0].rstrip(".")

    @property
    def remark(self) -> str:
        """Why it is refuted, where that is known: the docstring's second paragraph."""
        return self._paragraphs[1] if len(self._paragraphs) > 1 else ""

    @property
    def _paragraphs(self) -> list[str]:
        text = inspect.getdoc(self.function) or ""
        return [" ".join(part.split()) for part in text.split("\n\n")]

    @property
    def array(self) -> str:
        """The kind of arrays that it takes."""
        return "numpy" if "ndarray" in inspect.getsource(self.function) else "torch"

    @property
    def anchor(self) -> str:
        """Where the finding is on the page."""
        return f"{self.module.__name__.rpartition('.')[2]}-{self.function.__name__}".replace(
            "_", "-"
        )


class Verdicted(NamedTuple):
    """A function and its verdict."""

    subject: Subject
    verdict: CrosscheckVerdict


def shown(verdicted: Verdicted, *, runs: bool = True) -> str:
    """The finding as Markdown: what broke, where, code and what it prints.

    Where the library is no dependency of the project, the code is not marked to be `run` by the
    tests of the documentation.
    """
    subject, verdict = verdicted
    code = snippet(verdicted)
    python, text = ("python", "text") if runs else ("py", "")
    lines = [f'### <a id="{subject.anchor}"></a>{subject.title}\n']
    lines.append(f"{verdict.status} against `{subject.against}`. {_sentence(verdict)}")
    lines += [f"{subject.remark}\n"] if subject.remark else []
    lines += [f"```{python}\n{code}\n```\n", f"```{text}\n{output(code)}```\n"]
    return "\n".join(lines)


def _sentence(verdict: CrosscheckVerdict) -> str:
    found = verdict.counterexample or {}
    told = f"What fails: {verdict.broken[0].partition(':')[0]}, on rows of the kind "
    told += f'"{found["rows"]}".' if "rows" in found else "of a law."
    residual, allowance = found.get("residual"), found.get("allowance")
    if isinstance(residual, float) and isinstance(allowance, float):
        error = f"The error is {residual:.1e}, {allowance:.1e} is allowed."
        told += f" {error}" if math.isfinite(residual) else " The result is not a finite number."
    return told + "\n"


def snippet(verdicted: Verdicted) -> str:
    """The verdict's own snippet with the wrapper's source in it, printing instead of asserting."""
    subject, verdict = verdicted
    lines = []
    for line in verdict.snippet.splitlines():
        if line.startswith("from benchmarks."):
            lines += [_source(subject), ""]
        elif failing := ASSERTION.fullmatch(line):
            lines.append(f'print({failing[1]}, "instead of", expected)')
        elif not line.startswith("import "):
            lines.append(line)
    code = "\n".join([*_imports(subject, "\n".join(lines)), "", *lines])
    return "\n".join(_guarded(code)).replace("\n\n\n\n", "\n\n\n")


def _guarded(code: str) -> list[str]:
    """The code; where it raises, its last lines within `try`."""
    lines = code.splitlines()
    try:
        output(code)
    except Exception:  # whatever the library raises is the finding
        start = next(n for n, line in enumerate(lines) if line.startswith("observed = "))
        tried = [f"    {line}" for line in lines[start:]]
        caught = ["except Exception as problem:", "    print(type(problem).__name__, problem)"]
        return [*lines[:start], "try:", *tried, *caught]
    return lines


def _source(subject: Subject) -> str:
    """The function with the helpers of its module that it calls, without docstrings."""
    tree = ast.parse(inspect.getsource(subject.module))
    found = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
    function = found[subject.function.__name__]
    names = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
    kept = [f for name, f in found.items() if name in names and f is not function] + [function]
    for one in kept:
        one.body = [node for node in one.body if not _is_docstring(node)]
        one.returns = None
        for argument in one.args.args:
            argument.annotation = None
    return "\n\n\n".join(ast.unparse(one) for one in kept) + "\n"


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _imports(subject: Subject, code: str) -> list[str]:
    """The module's own imports of names that the code uses, and its settings."""
    used = {n.id for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Name)}
    lines = {"import torch": "torch", "import numpy as np": "np"}
    wanted = [line for line, name in lines.items() if name in used]
    for node in ast.parse(inspect.getsource(subject.module)).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            node.names = [a for a in node.names if _is_used(a, used, code)]
            if node.names and ast.unparse(node) not in wanted:
                wanted.append(ast.unparse(node))
        elif isinstance(node, ast.Expr) and not _is_docstring(node):
            wanted.append(ast.unparse(node))
    return wanted


def _is_used(alias: ast.alias, used: set[str], code: str) -> bool:
    name = alias.asname or alias.name
    return name in used or ("." in name and f"{name}." in code)


def output(code: str) -> str:
    """What code prints."""
    told = StringIO()
    with redirect_stdout(told), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(code, "<finding>", "exec"), {"__name__": "finding"})
    return told.getvalue()
