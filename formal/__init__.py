"""What theory claims, stated once in SymPy.

statements()                          every statement of the catalogue, by name
prove(claim, assuming=())             a proof with a certificate, or a failure that says why
replay(certificate, claim, assuming)  whether a certificate proves this claim
Derivation(expressions, reasons)      a chain a = b <= c, for `bridge.verify`
"""

from importlib.metadata import version

from formal.catalogue import statements
from formal.derivation import Derivation
from formal.functions import Subset, xlogy
from formal.proof.prover import Failure, Proof, prove, replay
from formal.quantity import Quantity, component, unfold
from formal.statement import (
    ClaimError,
    Source,
    Statement,
    condition,
    conjecture,
    definition,
    family,
    identity,
    inequality,
    notion,
    open_conjecture,
    simplex,
    theorem,
)

__all__ = [
    "ClaimError",
    "Derivation",
    "Failure",
    "Proof",
    "Quantity",
    "Source",
    "Statement",
    "Subset",
    "component",
    "condition",
    "conjecture",
    "definition",
    "family",
    "identity",
    "inequality",
    "notion",
    "open_conjecture",
    "prove",
    "replay",
    "simplex",
    "statements",
    "theorem",
    "unfold",
    "xlogy",
]


def __getattr__(name: str) -> str:
    if name == "__version__":
        return version("porism")
    raise AttributeError(f"module 'formal' has no attribute {name!r}")
