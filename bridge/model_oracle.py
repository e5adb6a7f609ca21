"""The model oracle: does the claim hold on a real language model's own outputs?

A theorem is confronted, through the project's code, on positions of a text: the energies are
minus the model's logits there, the distributions that it speaks of are the model's at other
positions. A definition is evaluated in balls at the model's full vocabulary. Claims that need
tables over pairs of tokens are taken on the likeliest tokens of each position, claims about
slopes at pairs of hidden coordinates on the first few of these.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import torch
from sympy import (
    Basic,
    Derivative,
    Eq,
    Ge,
    Indexed,
    IndexedBase,
    Integral,
    Le,
    Mul,
    Ne,
    Sum,
    Symbol,
)
from sympy.core.relational import Relational
from torch import Tensor

from bridge import lexicon
from bridge.arrays import Assignment, Evaluation
from bridge.confront import Confrontation, confront
from bridge.domain import Domain, counts_pairs, takes_pairs
from bridge.measured import CodeError, UnsupportedError
from bridge.reference import compare
from bridge.sample import Sample
from bridge.strategies import log_normalized, normalization
from bridge.tally import Tally, Violation
from bridge.tightness import tighten
from bridge.verdict import Evidence, Status
from formal import symbols
from formal.functions import Subset
from formal.quantity import Quantity, quantities, unfold
from formal.symbols import V, d

BLOCK = 32  # rows evaluated at a time
FEW = 8  # positions for claims that take more than the head's own quantities
FEW_DENSE = 4  # for those that need tables
LIKELIEST = 64  # tokens kept where tables over pairs of them are needed
NARROW = 16  # coordinates of the hidden state kept where slopes are taken at pairs of them
FEWEST_OTHERS = 3  # the least of the sizes beside those of the vocabulary and the head
TIGHT_ROWS = 4
KEPT = 8  # tokens of a subset: the likeliest

# Temperatures around one, in turn; other parameters are any numbers of their type.
_TEMPERATURES = (1.0, 0.7, 1.5)
_SCALARS: Mapping[Symbol, float] = {
    symbols.T_0: 1.0,
    symbols.T_1: 0.8,
    symbols.T_2: 1.6,
    symbols.c: 3.7,
    symbols.lam: 0.3,
    symbols.alpha: 2.0,
    symbols.tau: 0.05,
}


class ModelOracle:
    """Confronts claims with the outputs of one model on one text."""

    def __init__(self, sample: Sample) -> None:
        """Take the model's outputs; logits are widened to float64, in which claims are checked."""
        self._sample = sample

    @property
    def sample(self) -> Sample:
        """The outputs."""
        return self._sample

    def evidence(
        self,
        claim: Relational,
        assuming: tuple[Relational, ...] = (),
        *,
        tight_at: Mapping[Basic, Basic] | None = None,
    ) -> Evidence:
        """Confront a claim on the sampled positions; statuses as for the property oracle."""
        domain = Domain(claim, assuming)
        tally = Tally()
        try:
            for start, rows in self._blocks(domain):
                at = self._assignment(domain, start, rows, few=domain.is_dense)
                self._judge(at, partial(confront, claim, Evaluation(at), assuming), tally)
            if tight_at:
                dense = domain.is_dense or takes_pairs(
                    node for value in tight_at.values() for node in quantities(value)
                )
                at = self._assignment(domain, 0, TIGHT_ROWS, few=dense)
                at = tighten(at, tight_at, derivative=domain.has_derivative)
                self._judge(
                    at, partial(confront, claim, Evaluation(at), assuming), tally, counted=False
                )
        except (UnsupportedError, LookupError) as problem:
            return Evidence("model", Status.UNKNOWN, f"not evaluated on this model: {problem}")
        vocabulary = self._sample.vocabulary_size
        return self._report(
            tally,
            min(_likeliest(domain), vocabulary) if domain.is_dense else vocabulary,
            coordinates=self._width(domain) if d in domain.sizes else None,
        )

    def definition_evidence(self, quantity: type[Quantity]) -> Evidence | None:
        """Hold code against definition at full vocabulary, in balls; None without code.

        Two positions, or one where a quantity compares the distributions of two. A definition
        that counts pairs of tokens is taken on the likeliest of them.
        """
        codes = [code for code in lexicon.code_of(quantity) if not code.quadratic]
        if not codes:
            return None
        node = quantity(*quantity.parameters)
        domain = Domain(quantity.statement.claim, quantity.statement.domain)
        tally = Tally()
        few = counts_pairs(quantity.statement.claim)
        at = self._assignment(domain, 0, 2 // len(domain.families), few=few, full=True)
        known: dict[tuple[int, int], Any] = {}
        for code in codes:
            self._judge(at, partial(compare, node, code, at, 1, known), tally)
        return self._report(tally, at.sizes[V], functions=len(codes))

    def _blocks(self, domain: Domain) -> Iterator[tuple[int, int]]:
        """Ranges of positions: all of them for an identity of the head's own quantities, a few
        where it takes more, says something of every token, or where nearness to equality is
        looked for elsewhere."""
        total = len(self._sample)
        if domain.has_integral:
            total = min(total, 1 if not domain.scalars else 4)
        elif domain.is_dense:
            total = min(total, FEW_DENSE)
        elif domain.indices or not (isinstance(domain.claim, Eq) and _is_formula(domain.claim)):
            total = min(total, FEW)
        for start in range(0, total, BLOCK):
            yield start, min(BLOCK, total - start)

    def _judge(
        self,
        at: Assignment,
        look: Callable[[], Confrontation],
        tally: Tally,
        counted: bool = True,
    ) -> None:
        if tally.witness or tally.undefined:
            return
        with suppress(Violation, CodeError):  # the tally holds why
            tally.take(at, look, counted=counted)

    # Inputs from the model

    def _logits(self, start: int, rows: int, ahead: int, tokens: Tensor | None) -> Tensor:
        """Logits of positions start + ahead, ..., cyclic in the text, at the chosen tokens."""
        places = (torch.arange(start, start + rows) + ahead) % len(self._sample)
        logits = self._sample.logits[places]
        return (logits if tokens is None else logits.gather(1, tokens)).double()

    def _assignment(
        self, domain: Domain, start: int, rows: int, *, few: bool = False, full: bool = False
    ) -> Assignment:
        """Inputs at `rows` positions, on `few` of the likeliest tokens or on the vocabulary; at
        `full`, probabilities keep the model's logits as their logarithms."""
        rows = min(rows, len(self._sample))
        tokens = None
        if few:
            first = self._sample.logits[start : start + rows]
            tokens = first.topk(min(_likeliest(domain), first.shape[1])).indices
        sizes = self._sizes(domain, tokens)
        families: dict[IndexedBase, Tensor] = {}
        logarithms: dict[IndexedBase, Tensor] = {}
        masks: list[IndexedBase] = []
        likely: Tensor | None = None
        for ahead, (family, axes) in enumerate(sorted(domain.families.items(), key=_order)):
            if d in axes:
                families[family] = self._geometry(axes, sizes[d], start, rows, tokens)
                continue
            logits = self._table([sizes[axis] for axis in axes], start, rows, ahead, tokens)
            if isinstance(family, Subset):
                masks.append(family)
                continue
            likely = logits if likely is None else likely
            if family.is_nonnegative and not family.is_positive:  # the likelier half of a model
                hidden = logits < logits.median(-1, keepdim=True).values
                logits = torch.where(hidden, -torch.inf, logits)
            if family.is_nonnegative:
                logs = log_normalized(logits, domain.distributions.get(family, (len(axes) - 1,)))
                families[family] = logs.exp()
                if family in domain.distributions:
                    logarithms[family] = logits if full else logs
            else:
                families[family] = -logits if family == symbols.E or len(axes) > 1 else logits
        families |= _masks(
            masks, self._logits(start, rows, 0, tokens) if likely is None else likely
        )
        terms = max((table[0].numel() for table in logarithms.values()), default=sizes[V])
        uncertainty = 0.0 if full else normalization(terms)
        scalars = _scalars(domain, start, rows) | _thresholds(domain, families)
        return Assignment(rows, sizes, scalars, families, logarithms, uncertainty)

    def _geometry(
        self, axes: tuple, width: int, start: int, rows: int, tokens: Tensor | None
    ) -> Tensor:
        """The head's rows (rows, V, d) or columns (rows, d, V), or the hidden states (rows, d)."""
        if self._sample.hidden is None or self._sample.head is None:
            raise LookupError("the model has no linear head without bias")
        if len(axes) == 1:
            return self._sample.hidden[start : start + rows, :width].double()
        head = self._sample.head[tokens][..., :width].double()
        return head if axes[-1] == d else head.mT

    def _sizes(self, domain: Domain, tokens: Tensor | None) -> dict[Symbol, int]:
        """V as many as the tokens, d the coordinates kept, each further size a small number."""
        sizes = {V: self._sample.vocabulary_size if tokens is None else tokens.shape[1]}
        if d in domain.sizes:
            sizes[d] = self._width(domain)
        others = [size for size in domain.sizes if size not in (V, d)]
        return sizes | {size: FEWEST_OTHERS + place for place, size in enumerate(others)}

    def _width(self, domain: Domain) -> int:
        """How many coordinates of the hidden state are kept: few for a table of slopes in them."""
        if self._sample.head is None:
            raise LookupError("the model has no linear head without bias")
        width = self._sample.head.shape[1]
        slopes = domain.has_derivative and len(domain.indices) > 1
        return min(width, NARROW) if slopes else width

    def _table(
        self, shape: list[int], start: int, rows: int, ahead: int, tokens: Tensor | None
    ) -> Tensor:
        """Logits (rows, *shape): the last axis runs over tokens, one before over positions."""
        if len(shape) == 1:
            return self._logits(start, rows, ahead, tokens)[:, : shape[0]]
        if len(shape) > 2:
            raise LookupError(f"a model gives no table over {len(shape)} indices")
        tables = (self._logits(start, rows, ahead + n, tokens) for n in range(shape[0]))
        return torch.stack([table[:, : shape[1]] for table in tables], dim=1)

    def _report(
        self,
        tally: Tally,
        vocabulary: int,
        *,
        functions: int = 1,
        coordinates: int | None = None,
    ) -> Evidence:
        residual, allowance = tally.worst
        positions = tally.cases // functions
        data = {
            "positions": positions,
            "skipped": tally.skipped,
            "vocabulary": vocabulary,
            "worst_residual": residual,
            "allowance": allowance,
            "dtype": "float64",
            "moved_claim_fails": tally.moved_is_seen,
        }
        where = f"{positions} position{'s' * (positions != 1)}, V = {vocabulary:,}"
        if coordinates is not None:
            data["coordinates"] = coordinates
            where += f", d = {coordinates}"
        if tally.witness is not None:
            detail = (
                f"fails: residual {tally.witness['residual']:.2e}, "
                f"allowed {tally.witness['allowance']:.2e}"
            )
            return Evidence("model", Status.REFUTED, detail, data, tally.witness)
        if tally.undefined:
            return Evidence("model", Status.UNDEFINED, tally.undefined, data)
        if not tally.cases or not tally.moved_is_seen:
            why = "but the claim moved by 1/1000 passes too" if tally.cases else "none decided"
            return Evidence("model", Status.UNKNOWN, f"{where}, {why}", data)
        detail = f"{where}, worst {max(residual, 0):.1e} of {allowance:.1e} allowed"
        return Evidence("model", Status.SUPPORTED, detail, data)


def _likeliest(domain: Domain) -> int:
    """How many tokens are kept: fewer where a derivative has a value per pair of tokens, or per
    triple."""
    if domain.is_table_of_slopes:
        return LIKELIEST // 16
    return LIKELIEST // 4 if domain.has_derivative else LIKELIEST


def _is_formula(claim: Relational) -> bool:
    """Whether a claim is a formula in numbers that code computes from the sample's own inputs."""
    known = {
        node: Symbol("known")
        for node in quantities(claim)
        if node.args == node.parameters
        and any(code.roles == lexicon.HEAD for code in lexicon.code_of(type(node)))
    }
    return not unfold(claim.xreplace(known)).atoms(Sum, Derivative, Integral)


def _order(item: tuple[IndexedBase, Any]) -> tuple[bool, str]:
    """Energies and logits first: they are those of the position itself."""
    return item[0] not in (symbols.E, symbols.x), str(item[0])


def _masks(subsets: list[IndexedBase], logits: Tensor) -> dict[IndexedBase, Tensor]:
    """Subsets of the tokens: the likeliest in the last by name, in the others the least likely."""
    kept = min(KEPT, logits.shape[-1])
    likeliest = (logits >= logits.topk(kept).values[..., -1:]).double()
    rarest = (logits <= (-logits).topk(kept).values.neg()[..., -1:]).double()
    return {subset: likeliest if subset == subsets[-1] else rarest for subset in subsets}


def _thresholds(domain: Domain, families: dict[IndexedBase, Tensor]) -> dict[Symbol, Tensor]:
    """What hypotheses such as M_i tau <= M_i q_i make of a threshold: the least q on the subset M,
    or, where it bounds only from above, the greatest."""
    below: dict[Symbol, Tensor] = {}
    above: dict[Symbol, Tensor] = {}
    for hypothesis in domain.hypotheses:
        if not isinstance(hypothesis, Le):
            continue
        for side, other, bounds in (
            (hypothesis.lhs, hypothesis.rhs, below),
            (hypothesis.rhs, hypothesis.lhs, above),
        ):
            found = _bound(side, other)
            if found is None or not {*found[1:]} <= families.keys():
                continue
            symbol, subset, family = found
            inside = families[subset] > 0
            values = families[family].masked_fill(
                ~inside, torch.inf if bounds is below else -torch.inf
            )
            bounds[symbol] = values.amin(-1) if bounds is below else values.amax(-1)
    return above | below


def _bound(side: Any, other: Any) -> tuple[Any, Any, Any] | None:
    """The threshold, subset and family of `M[i] * tau` beside `M[i] * q[i]`."""
    if not (isinstance(side, Mul) and isinstance(other, Mul)):
        return None
    levels = [a for a in side.args if isinstance(a, Symbol)]
    masks = [a for a in side.args if isinstance(a, Indexed) and isinstance(a.base, Subset)]
    rest = [a for a in other.args if isinstance(a, Indexed) and a not in masks]
    if len(side.args) == len(other.args) == 2 and len(levels) == len(masks) == len(rest) == 1:
        return levels[0], masks[0].base, rest[0].base
    return None


def _scalars(domain: Domain, start: int, rows: int) -> dict[Symbol, Tensor]:
    cycle = [_TEMPERATURES[n % len(_TEMPERATURES)] for n in range(start, start + rows)]
    temperatures = torch.tensor(cycle, dtype=torch.float64)
    chosen = {symbols.T: temperatures, symbols.beta: 1 / temperatures}
    orders = {h.lhs for h in domain.hypotheses if isinstance(h, Ne)}
    return {
        symbol: chosen[symbol]
        if symbol in chosen and symbol not in orders
        else torch.full((rows,), _number(symbol, domain), dtype=torch.float64)
        for symbol in domain.scalars
    }


def _number(symbol: Symbol, domain: Domain) -> float:
    """A number for a parameter, beyond those that hypotheses keep it above."""
    value = _SCALARS.get(symbol, 0.6)
    for hypothesis in domain.hypotheses:
        if isinstance(hypothesis, Ge) and hypothesis.lhs == symbol:
            least: Any = hypothesis.rhs
            value = max(value, float(least) + 2) if least.is_number else value
    return value
