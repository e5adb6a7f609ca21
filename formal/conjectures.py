"""Conjectures about language models, each with what can be measured of it.

None is proved or supported: a measurement speaks of one model and one text. The names and the aims
are of the abstract of the paper, the forms are ours.
References: yang2024 (abstract).
"""

from formal.sources import YANG_NAMED
from formal.statement import open_conjecture


@open_conjecture(
    YANG_NAMED,
    item="1:C1",
    measure="the share of positions at which a text leaves nothing open (the same tokens before, "
    "three times or more, and always the same one after) where the model's entropy is below "
    "epsilon with the same argmax; the text stands in for people",
    falsified="a share whose interval lies below one half for a model that is otherwise good",
)
def zero_set_inclusion():
    """What people find certain, a general intelligence is certain of, with the same output."""
    return (
        r"Z^{\epsilon}_{\mathrm{human}} \subset Z^{\epsilon}_{L}, \quad "
        r"\arg\max P_{L}(\cdot \mid s) = \arg\max P_{\mathrm{human}}(\cdot \mid s)"
    )


@open_conjecture(
    YANG_NAMED,
    item=("1:C2", "1:7.22"),
    measure="mean surprisal less mean entropy along a text, in nats; the quotient of its sum and "
    "the root of the summed heat capacity, nearly normal on a model's own text",
    falsified="an interval of the mean difference that excludes zero",
)
def entropy_calibration():
    """A general intelligence is as surprised by people's texts as it expects to be."""
    return (
        r"\mathbb{E}\bigl[-\ln P_{L}(w \mid s)\bigr] = \mathbb{E}\bigl[S_L(s)\bigr], \quad "
        r"(s, w) \sim P_{\mathrm{human}}"
    )


@open_conjecture(
    YANG_NAMED,
    item=("1:C3", "1:D1.15"),
    measure="the mean divergence of predictions from their nearest in the k leading directions of "
    "the centred log-probabilities, found on other prompts",
    falsified="a loss at the largest k tried of more than half that at k = 0",
)
def few_dimensions():
    """An ideal model is geometrized, nearly, by a Boltzmann manifold of few dimensions."""
    return (
        r"\epsilon(k) = \inf_{h, B} \mathbb{E}_s\, "
        r"D_{\mathrm{KL}}\bigl(P_{L}(\cdot \mid s) \,\|\, B_T(h(s))\bigr) \to 0, "
        r"\quad h : W^* \to \mathbb{R}^k, \quad k \ll |W|"
    )


@open_conjecture(
    YANG_NAMED,
    item=("1:M8", "1:D1.7"),
    measure="Spearman's correlation of the distance of next-word distributions with whether two "
    "prompts mean the same; how often a paraphrase is nearer than another meaning in nearly the "
    "same words",
    falsified="an interval of the correlation that reaches zero, or of the share one half",
)
def near_predictions_mean_the_same():
    """**Generalized distributional hypothesis**: the nearer the distributions after two prompts,
    the nearer their meanings."""
    return (
        r"s \sim s' \;\Rightarrow\; d_{\mathrm{FR}}\bigl(P_{L}(\cdot \mid s), P_{L}(\cdot \mid s')"
        r"\bigr) \text{ is small}"
    )
