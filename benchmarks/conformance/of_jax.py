"""JAX: `jax.nn` and `jax.scipy.special`, in double precision as well."""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)


def softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
    """`jax.nn.softmax` of divided logits."""
    return np.asarray(jax.nn.softmax(jnp.asarray(logits) / temperature, axis=-1))


def logsumexp(logits: np.ndarray, temperature: float) -> np.ndarray:
    """`jax.nn.logsumexp` of divided logits."""
    return np.asarray(jax.nn.logsumexp(jnp.asarray(logits) / temperature, axis=-1))


def entr(logits: np.ndarray, temperature: float) -> np.ndarray:
    """`jax.scipy.special.entr` of `softmax`, summed."""
    p = jax.nn.softmax(jnp.asarray(logits) / temperature, axis=-1)
    return np.asarray(jax.scipy.special.entr(p).sum(-1))


def rel_entr(logits_p: np.ndarray, logits_q: np.ndarray) -> np.ndarray:
    """`jax.scipy.special.rel_entr` of two `softmax`, summed.

    It is right about the probabilities that it takes; where the softmax before it underflows in q,
    the divergence is infinite instead of some thousand nats.
    """
    p, q = (jax.nn.softmax(jnp.asarray(x), axis=-1) for x in (logits_p, logits_q))
    return np.asarray(jax.scipy.special.rel_entr(p, q).sum(-1))


SUBJECTS = {
    softmax: "probabilities",
    logsumexp: "log_partition",
    entr: "entropy",
    rel_entr: "kl_divergence",
}
