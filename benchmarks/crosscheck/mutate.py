"""Faults made of right code: one change in the syntax tree of a function, of one of nine kinds.

operator   + for -, * for /, a sign or a power lost, a comparison turned
constant   a number other than it was
axis       the first axis for the last
argument   two arguments, or the two values of a choice, exchanged
function   the neighbour of a function: log2, mean, the least for the greatest
dtype      a value sent through half precision
detach     a value without its gradient
mask       a guard against masked tokens left out
epsilon    a small number inside a logarithm, a root or a quotient
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

EPSILON = 1e-8
OPERATORS: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.GtE: ast.Gt,
}
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "log": ("log2", "log10", "log1p"),
    "exp": ("exp2", "expm1"),
    "sum": ("mean",),
    "mean": ("sum",),
    "amax": ("amin",),
    "max": ("min",),
    "amin": ("amax",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "log_softmax": ("softmax",),
    "softmax": ("log_softmax",),
    "asin": ("atan",),
    "square": ("abs",),
}
AXES = ("dim", "axis")
LOGARITHMS = ("log", "log2", "sqrt")


@dataclass(frozen=True)
class Mutant:
    """A faulty function: what was changed, and its source."""

    kind: str
    change: str
    source: str


def mutants(source: str, *, torch: bool) -> Iterator[Mutant]:
    """Every single change of a function's source that still compiles, each source once."""
    tree = ast.parse(source)
    seen, axes = {ast.unparse(tree)}, _under_axes(tree)
    for place, node in enumerate(ast.walk(tree)):
        if node in axes:
            continue
        for kind, new in _changes(node, torch):
            changed = _with(tree, place, new)
            text = ast.unparse(changed)
            if text not in seen:
                seen.add(text)
                yield Mutant(kind, f"{_short(node)} -> {_short(new)}", text)


def _under_axes(tree: ast.AST) -> set[ast.AST]:
    """What says along which axis: that is changed as a whole."""
    keywords = (n for n in ast.walk(tree) if isinstance(n, ast.keyword) and n.arg in AXES)
    return {node for keyword in keywords for node in ast.walk(keyword)}


def _with(tree: ast.AST, place: int, new: ast.AST) -> ast.AST:
    """A copy of the tree in which the node at a place of the walk is another."""
    copied = copy.deepcopy(tree)
    old = next(node for n, node in enumerate(ast.walk(copied)) if n == place)

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is old else self.generic_visit(node)

    return ast.fix_missing_locations(Replace().visit(copied))


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else text[:57] + "..."


def _changes(node: ast.AST, torch: bool) -> Iterator[tuple[str, ast.AST]]:
    node = copy.deepcopy(node)
    if isinstance(node, ast.BinOp):
        yield from _of_binary(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        if not isinstance(node.operand, ast.Constant):
            yield "operator", node.operand
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in OPERATORS:
        turned = OPERATORS[type(node.ops[0])]()
        yield "operator", ast.Compare(node.left, [turned], node.comparators)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        for value in (node.value + 1, node.value / 2) if node.value else (1.0,):
            yield "constant", ast.Constant(value)
    elif isinstance(node, ast.Call):
        yield from _of_call(node, torch)


def _of_binary(node: ast.BinOp) -> Iterator[tuple[str, ast.AST]]:
    if type(node.op) in OPERATORS:
        yield "operator", ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right)
    if isinstance(node.op, (ast.Sub, ast.Div)):
        yield "argument", ast.BinOp(node.right, node.op, node.left)
    if isinstance(node.op, (ast.Mult, ast.Div, ast.Pow)):
        yield "operator", node.left
    if isinstance(node.op, ast.Mult):
        yield "operator", node.right
    if isinstance(node.op, ast.Div):
        guarded = ast.BinOp(node.right, ast.Add(), ast.Constant(EPSILON))
        yield "epsilon", ast.BinOp(node.left, ast.Div(), guarded)


def _of_call(node: ast.Call, torch: bool) -> Iterator[tuple[str, ast.AST]]:
    name = _name(node)
    for place, keyword in enumerate(node.keywords):
        if keyword.arg in AXES and not isinstance(keyword.value, ast.Tuple):
            first = copy.deepcopy(node)
            first.keywords[place].value = ast.Constant(0)
            yield "axis", first
    positional = [a for a in node.args if not _is_axis(a)]
    if len(positional) == len(node.args) == 2 and name not in ("split", "chunk", "topk"):
        yield "argument", ast.Call(node.func, node.args[::-1], node.keywords)
    if name == "where" and len(node.args) == 3:
        condition, yes, no = node.args
        yield "argument", ast.Call(node.func, [condition, no, yes], node.keywords)
        yield "mask", yes
        yield "mask", no
    if name == "xlogy":
        logarithm = ast.Call(ast.Attribute(_module(node), "log"), [node.args[1]], [])
        yield "mask", ast.BinOp(node.args[0], ast.Mult(), logarithm)
    for other in FUNCTIONS.get(name, ()):
        yield "function", _renamed(node, other)
    if name in LOGARITHMS and len(node.args) == 1:
        moved = ast.BinOp(node.args[0], ast.Add(), ast.Constant(EPSILON))
        yield "epsilon", ast.Call(node.func, [moved], node.keywords)
    if name in ("softmax", "log_softmax", "exp", "logsumexp", "sum", "amax"):
        yield "dtype", _through_half(node, torch)
        if torch:
            yield "detach", ast.Call(ast.Attribute(node, "detach"), [], [])
    if name in ("detach", "double") and isinstance(node.func, ast.Attribute):
        yield ("dtype" if name == "double" else "detach"), node.func.value


def _name(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _module(node: ast.Call) -> ast.expr:
    return ast.Name("np") if "scipy" in ast.unparse(node.func) else node.func.value  # type: ignore


def _renamed(node: ast.Call, name: str) -> ast.Call:
    assert isinstance(node.func, (ast.Attribute, ast.Name))
    if isinstance(node.func, ast.Name):
        return ast.Call(ast.Name(name), node.args, node.keywords)
    return ast.Call(ast.Attribute(node.func.value, name), node.args, node.keywords)


def _is_axis(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)


def _through_half(node: ast.Call, torch: bool) -> ast.expr:
    """The value rounded to half precision, in its own dtype again."""
    method, half = ("to", "torch.bfloat16") if torch else ("astype", "np.float16")
    down = ast.Call(ast.Attribute(node, method), [ast.parse(half, mode="eval").body], [])
    return ast.Call(ast.Attribute(down, method), [ast.Attribute(node, "dtype")], [])
