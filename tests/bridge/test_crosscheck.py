"""Cross-checks: right code passes in every quantity, and each kind of fault is told apart."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

import numeric
from bridge import Status, crosscheck
from bridge.crosschecking.targets import TARGETS
from bridge.errors import BadInput

OURS = (
    "probabilities",
    "log_partition",
    "free_energy",
    "internal_energy",
    "entropy",
    "heat_capacity",
    "kl_divergence",
    "cross_entropy",
    "fisher_rao_distance",
    "renyi_entropy",
)


def quick(function: Any, against: str, **options: Any) -> Any:
    """A cross-check of few examples in float64, without laws unless they are asked for."""
    given: dict[str, Any] = {"dtypes": ("float64",), "max_examples": 60, "laws": False}
    return crosscheck(function, against, **{**given, **options})


def entropy(logits, temperature):
    """The entropy as one writes it with masks in mind."""
    log_p = torch.log_softmax(logits / temperature, -1)
    return -(log_p.exp() * log_p.masked_fill(log_p.isneginf(), 0)).sum(-1)


@pytest.mark.parametrize("name", OURS)
def test_the_functions_of_the_project_pass(name):
    assert name in TARGETS
    found = quick(getattr(numeric, name), name, dtypes=("float64", "float32"))
    assert found.status is Status.SUPPORTED, found.explain()
    assert "F" not in "".join(grade[0] for grade in found.grades.values())


FAULTS = {
    "bits": ("entropy", lambda x, t: entropy(x, t) / np.log(2)),
    "no temperature": ("entropy", lambda x, t: entropy(x, 1.0)),
    "a mean for a sum": ("entropy", lambda x, t: entropy(x, t) / x.shape[-1]),
    "a sign": ("free_energy", lambda x, t: t * torch.logsumexp(x / t, -1)),
    "unshifted": ("log_partition", lambda x, t: (x / t).exp().sum(-1).log()),
    "an epsilon": (
        "entropy",
        lambda x, t: -(torch.softmax(x / t, -1) * (torch.softmax(x / t, -1) + 1e-9).log()).sum(-1),
    ),
    "reversed": ("kl_divergence", lambda x, y: numeric.kl_divergence(y, x)),
    "0 ln 0": (
        "entropy",
        lambda x, t: -(torch.softmax(x / t, -1) * torch.softmax(x / t, -1).log()).sum(-1),
    ),
    "arccos": (
        "fisher_rao_distance",
        lambda x, y: (
            2 * (torch.softmax(x, -1) * torch.softmax(y, -1)).sqrt().sum(-1).clamp(max=1).acos()
        ),
    ),
    "a detached weight": (
        "entropy",
        lambda x, t: (
            -(
                torch.softmax(x / t, -1).detach() * torch.log_softmax(x / t, -1).clamp(min=-1e300)
            ).sum(-1)
        ),
    ),
    "single precision": ("entropy", lambda x, t: entropy(x.float(), t).to(x.dtype)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_refuted(fault):
    against, function = FAULTS[fault]
    found = quick(function, against)
    assert found.status is Status.REFUTED, found.explain()
    assert found.snippet and found.counterexample


def test_numpy_and_single_vectors():
    def entropy(logits, temperature):
        y = logits / temperature
        y = y - y.max(-1, keepdims=True)
        w = np.exp(y)
        z = w.sum(-1, keepdims=True)
        p = w / z
        return np.log(z[..., 0]) - np.where(p > 0, p * np.where(p > 0, y, 0), 0).sum(-1)

    assert quick(entropy, "entropy", array="numpy").status is Status.SUPPORTED


def test_cross_entropy_of_torch_needs_its_classes_second():
    def loss(logits, target):
        rows = cross_entropy(
            logits.reshape(-1, logits.shape[-1]), target.reshape(-1), reduction="none"
        )
        return rows.reshape(target.shape)

    assert quick(loss, "cross_entropy").status is Status.SUPPORTED


def test_a_wrong_name_and_a_wrong_signature_are_told():
    with pytest.raises(BadInput, match="did you mean entropy"):
        crosscheck(entropy, "entropi")
    with pytest.raises(BadInput, match="takes \\(logits\\)"):
        crosscheck(lambda logits: logits, "entropy")
    with pytest.raises(BadInput, match="come in the order"):
        crosscheck(lambda temperature, logits: logits, "entropy")
