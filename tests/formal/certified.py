"""A few claims of the textbook and their certificates, as they come back from JSON."""

import json
from typing import Any

from sympy import Le

from formal.proof.prover import Proof, prove
from tests.formal.textbook import IDENTITIES, i, kl, normalised, p, q

NAMES = {
    "entropy from ln Z",
    "variance from ln Z",
    "information by entropies",
    "cross-entropy gradient",
    "regularised reward",
    "quadratic form of the Hessian",
    "total expectation",
}
GIBBS = (Le(0, kl(q[i], p[i]), evaluate=False), normalised(p, q))
CASES = [(e.claim, e.assuming) for e in IDENTITIES if e.name in NAMES] + [GIBBS]


def certificate(claim: Any, assuming: Any = ()) -> Any:
    """The certificate of a claim that is proved."""
    proof = prove(claim, assuming)
    assert isinstance(proof, Proof), proof.reason
    return json.loads(json.dumps(proof.certificate))
