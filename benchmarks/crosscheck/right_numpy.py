"""Right code without torch: NumPy, SciPy, and the array API standard."""

from typing import Any

import numpy as np
import scipy.special
import scipy.stats


def probabilities_scipy(logits: np.ndarray, temperature: float) -> np.ndarray:
    return scipy.special.softmax(logits / temperature, axis=-1)


def log_partition_shifted(logits: np.ndarray, temperature: float) -> np.ndarray:
    top = np.max(logits, axis=-1, keepdims=True)
    total = np.sum(np.exp((logits - top) / temperature), axis=-1)
    return np.squeeze(top, axis=-1) / temperature + np.log(total)


def free_energy_scipy(logits: np.ndarray, temperature: float) -> np.ndarray:
    return -temperature * scipy.special.logsumexp(logits / temperature, axis=-1)


def internal_energy_average(logits: np.ndarray, temperature: float) -> np.ndarray:
    p = scipy.special.softmax(logits / temperature, axis=-1)
    return -np.sum(p * np.where(np.isneginf(logits), 0.0, logits), axis=-1, dtype=logits.dtype)


def entropy_entr(logits: np.ndarray, temperature: float) -> np.ndarray:
    return np.sum(
        scipy.special.entr(scipy.special.softmax(logits / temperature, axis=-1)), axis=-1
    )


def entropy_stats(logits: np.ndarray, temperature: float) -> np.ndarray:
    return scipy.stats.entropy(scipy.special.softmax(logits / temperature, axis=-1), axis=-1)


def entropy_xlogy(logits: np.ndarray, temperature: float) -> np.ndarray:
    weights = np.exp((logits - np.max(logits, axis=-1, keepdims=True)) / temperature)
    p = weights / np.sum(weights, axis=-1, keepdims=True)
    return -np.sum(scipy.special.xlogy(p, p), axis=-1)


def heat_capacity_variance(logits: np.ndarray, temperature: float) -> np.ndarray:
    p = scipy.special.softmax(logits / temperature, axis=-1)
    finite = np.where(np.isneginf(logits), np.max(logits, axis=-1, keepdims=True), logits)
    scaled = (finite - np.max(finite, axis=-1, keepdims=True)) / temperature
    mean = np.sum(p * scaled, axis=-1, keepdims=True)
    return np.sum(p * np.square(scaled - mean), axis=-1)


def kl_divergence_log_space(logits_p: np.ndarray, logits_q: np.ndarray) -> np.ndarray:
    log_p = scipy.special.log_softmax(logits_p, axis=-1)
    log_q = scipy.special.log_softmax(logits_q, axis=-1)
    return np.sum(np.exp(log_p) * (log_p - log_q), axis=-1)


def cross_entropy_take_along(logits: np.ndarray, target: np.ndarray) -> np.ndarray:
    log_p = scipy.special.log_softmax(logits, axis=-1)
    index = np.asarray(target)[..., np.newaxis]
    return -np.take_along_axis(log_p, index, axis=-1)[..., 0]


def renyi_entropy_scipy(logits: np.ndarray, temperature: float, order: float) -> np.ndarray:
    log_p = scipy.special.log_softmax(logits / temperature, axis=-1)
    return scipy.special.logsumexp(order * log_p, axis=-1) / (1.0 - order)


def entropy_array_api(logits: Any, temperature: float) -> Any:
    """Only what the array API standard has."""
    xp = logits.__array_namespace__()
    scaled = logits / temperature
    weights = xp.exp(scaled - xp.max(scaled, axis=-1, keepdims=True))
    p = weights / xp.sum(weights, axis=-1, keepdims=True)
    safe = xp.where(p > 0, p, xp.ones_like(p))
    return -xp.sum(p * xp.log(safe), axis=-1)
