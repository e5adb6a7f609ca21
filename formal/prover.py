"""Proofs of relations between sums of any length: `prove` and `replay`.

The search lives here and in `formal.proof_normal` and `formal.proof_bounds`; what it finds is
checked by `formal.kernel`, which imports none of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from formal.kernel import Claim, Derivation
from formal.proof_encoding import encode_claim
from formal.proof_field import is_zero, polynomial, to_term
from formal.proof_normal import Normaliser
from formal.proof_terms import ProofError, Term, replace, subtract
