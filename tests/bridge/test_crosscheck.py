"""Cross-checks: right code passes in every quantity, and each kind of fault is told apart."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

import formal
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
    dtypes = {"entropy": ("float64", "float32", "bfloat16"), "kl_divergence": ("float32",)}
    found = quick(getattr(numeric, name), name, dtypes=dtypes.get(name, ("float64",)))
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


def test_a_fault_is_refuted_whatever_the_seed():
    def halved(logits, temperature):
        return entropy(logits, temperature) * (1 + 1e-9)

    for seed in range(10):
        assert quick(halved, "entropy", max_examples=20, seed=seed).status is Status.REFUTED
        found = quick(entropy, "entropy", max_examples=20, seed=seed)
        assert found.status is Status.SUPPORTED, found.explain()
    again = quick(entropy, "entropy", max_examples=20, seed=9)
    assert again.as_json() == found.as_json()


def test_arrays_of_the_standard_and_nothing_else():
    import array_api_strict

    def log_partition(logits, temperature):
        xp = logits.__array_namespace__()
        y = logits / temperature
        top = xp.max(y, axis=-1, keepdims=True)
        total = xp.log(xp.sum(xp.exp(y - top), axis=-1))
        return xp.squeeze(top, axis=-1) + total

    assert quick(log_partition, "log_partition", array=array_api_strict)
    wrong = quick(lambda x, t: -log_partition(x, t), "log_partition", array="array_api_strict")
    assert wrong.status is Status.REFUTED and "import array_api_strict as xp" in wrong.snippet


CATALOGUE = """
from sympy import Eq, Sum

from formal import Source, identity
from formal.boltzmann import C, F, S, T, U, E, probability
from formal.symbols import V, i

OURS = Source("mine", "", "derived")

@identity(OURS, item="1")
def heat_is_what_energy_exceeds_free_energy_by():
    \"\"\"Heat is what the energy exceeds the free energy by.\"\"\"
    return Eq(T * S, U - F)

@identity(OURS, item="2")
def entropy_eq_heat_capacity():
    \"\"\"Entropy is heat capacity, which is false.\"\"\"
    return Eq(S, C)

@identity(OURS, item="3")
def sum_probability_eq_one():
    \"\"\"Probabilities sum to one, which is not about entropy.\"\"\"
    return Eq(Sum(probability(E, T, i), (i, 1, V)), 1)
"""


def test_a_new_theorem_is_a_new_test(tmp_path, monkeypatch):
    (tmp_path / "mycatalogue").mkdir()
    (tmp_path / "mycatalogue" / "__init__.py").write_text("")
    (tmp_path / "mycatalogue" / "heat.py").write_text(CATALOGUE)
    monkeypatch.syspath_prepend(tmp_path)
    known = formal.statements("mycatalogue")
    found = quick(entropy, "entropy", laws=True, catalogue=known)
    laws = next(row for row in found.evidence if row.oracle == "laws")
    assert laws.data["held"] == ["heat_is_what_energy_exceeds_free_energy_by"]
    assert laws.data["broken"] == ["entropy_eq_heat_capacity"]
    assert laws.status is Status.UNKNOWN and "no proof" in laws.detail  # never blamed on the code
    doubled = quick(lambda x, t: 2 * entropy(x, t), "entropy", laws=True, catalogue=known)
    laws = next(row for row in doubled.evidence if row.oracle == "laws")
    assert laws.status is Status.REFUTED and "heat_is_what" in laws.detail


def test_every_law_about_entropy_is_asked_and_holds():
    found = quick(entropy, "entropy", laws=True)
    laws = next(row for row in found.evidence if row.oracle == "laws")
    assert laws.status is Status.SUPPORTED
    assert len(laws.data["held"]) > 20
    expected = {
        "entropy_add_const",
        "free_energy_eq_internal_energy_sub_temperature_mul_entropy",
        "heat_capacity_eq_temperature_mul_deriv_entropy",
        "entropy_le_log_card",
    }
    assert expected <= set(laws.data["held"])


def test_allowances_are_the_formula_of_the_page():
    from bridge.crosschecking.inputs import Case
    from bridge.crosschecking.oracle import reference

    logits = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64, requires_grad=True)
    temperature = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    value = numeric.entropy(logits, temperature)
    by_logits, by_temperature = torch.autograd.grad(value, [logits, temperature])
    eps = torch.finfo(torch.float64).eps
    drift = (by_logits * logits).abs().sum() + (by_temperature * temperature).abs()
    allowed = 4 * (4 + np.log2(3)) * eps * float((drift + value.abs() + 1).detach())
    case = Case((tuple(logits.tolist()),), (float(temperature),), "plain", "float64")
    assert reference("entropy", case).allowances[0] == pytest.approx(allowed, rel=1e-6)


def test_grades_tell_what_the_verdict_does_not():
    naive, careful = quick(entropy, "entropy"), quick(numeric.entropy, "entropy")
    assert naive.grades["float64"][0] in "CF" and careful.grades["float64"][0] == "A"
