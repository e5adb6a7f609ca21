"""Language models as distributions over strings, and the thermodynamics of a prompt.

Two descriptions meet here. Over strings: `P(t)` is the probability of the finite string t,
`pi(s)` that of its prefix, `P(t | s)` and `p(w | s)` what follows a prompt s, a whole string or
one word; `varnothing` is the empty string, and as an outcome it is the stop. A general language
model has |W| words, so |W| + 1 outcomes. Over energies: prompts are numbered, `E[s, i]` is the
energy of outcome i of prompt s, and i = 1..V runs over all outcomes, the stop included.

Main statements: a prefix ends or goes on; prefix consistency; bounds of the entropy function; the
numbers of a prompt are those of the Boltzmann distribution of its energies.
References: yang2024 (abstract), cover2006.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Abs, Eq, Ge, Gt, KroneckerDelta, Le, Sum, exp, log, oo

from formal import boltzmann, symbols
from formal.functions import xlogy
from formal.sources import COVER_THOMAS, OURS, YANG, YANG_NAMED
from formal.statement import condition, definition, family, identity, inequality, notion
from formal.strings import (
    Length,
    P,
    StringSum,
    WordSum,
    empty,
    s,
    string_definition,
    string_family,
    t,
    u,
    vocabulary_size,
    w,
)
from formal.symbols import V, i, k

# Words and models


@notion(YANG, item="1:D1.1", consequences=("prefix_probability_eq_probability_add_sum",))
def strings():
    """The strings over a vocabulary are its finite sequences of words, the empty one included."""
    return r"W^* = \bigcup_{n \ge 0} W^n, \quad W^0 = \{\varnothing\}"


@condition(YANG, item="1:D1.2")
def general_language_model():
    """A general language model is a probability distribution over all finite strings."""
    return Eq(StringSum(P[t], t), 1)


@string_definition(r"\pi(#2)", COVER_THOMAS, item="1:D1.5")
def prefix_probability(P=P, s=s):
    """The prefix probability of a string is that of all strings that begin with it."""
    return StringSum(P[s * t], t)


def possible(*prompts):
    """The hypotheses that prompts occur at all: their prefix probability is positive."""
    return tuple(Gt(prefix_probability(P, s), 0, evaluate=False) for s in prompts)


@string_definition(r"P_{L}(#2 \mid #3)", YANG, item="1:D1.3", assuming=possible(s))
def causal_probability(P=P, t=t, s=s):
    """The probability that a string follows a prompt and ends the text."""
    return P[s * t] / prefix_probability(P, s)


@string_definition(r"p_{L}(#2 \mid #3)", YANG, item="1:D1.4", assuming=possible(s))
def word_probability(P=P, w=w, s=s):
    """The probability that a word comes next after a prompt."""
    return prefix_probability(P, s * w) / prefix_probability(P, s)


@string_definition(r"p_{L}(\varnothing \mid #2)", YANG, item="1:D1.4", assuming=possible(s))
def stop_probability(P=P, s=s):
    """The probability that nothing comes after a prompt: the text stops."""
    return P[s] / prefix_probability(P, s)


@notion(YANG, item="1:D1.3", consequences=("sum_causal_probability_eq_one",))
def causal_language_model():
    """A causal language model gives each prompt a distribution over the strings that follow."""
    return r"P_{L}(\cdot \mid s) \in \Delta(W^*), \quad s \in W^*"


@notion(
    YANG,
    item="1:D1.4",
    consequences=(
        "stop_probability_add_sum_word_probability_eq_one",
        "prefix_probability_concat_eq_word_probability_mul_prefix_probability",
    ),
)
def predictive_language_model():
    """A predictive language model gives each prompt a distribution over next word or stop."""
    return r"p_{L}(\cdot \mid s) \in \Delta(W \cup \{\varnothing\}), \quad s \in W^*"


# From strings to next words, and back


@identity(COVER_THOMAS, item=("1:D1.1", "1:T1.1"))
def prefix_probability_eq_probability_add_sum():
    """A text that begins with a prompt ends there or goes on with one of the words."""
    return Eq(prefix_probability(P, s), P[s] + WordSum(prefix_probability(P, s * w), w))


@identity(COVER_THOMAS, item=("1:D1.2", "1:D1.5"), assuming=(general_language_model.claim,))
def prefix_probability_eq_one_of_empty():
    """Every text begins with the empty string."""
    return Eq(prefix_probability(P, empty), 1)


@identity(COVER_THOMAS, item=("1:D1.3", "1:T1.1"), assuming=possible(s))
def sum_causal_probability_eq_one():
    """What follows a possible prompt is one string or another."""
    return Eq(StringSum(causal_probability(P, t, s), t), 1)


@identity(COVER_THOMAS, item=("1:D1.4", "1:T1.1"), assuming=possible(s))
def stop_probability_add_sum_word_probability_eq_one():
    """After a possible prompt comes the stop or one of the words."""
    return Eq(stop_probability(P, s) + WordSum(word_probability(P, w, s), w), 1)


@identity(COVER_THOMAS, item="1:T1.2", assuming=possible(s))
def prefix_probability_concat_eq_word_probability_mul_prefix_probability():
    """One step of the chain rule: a prompt grows by a word with that word's probability."""
    return Eq(prefix_probability(P, s * w), word_probability(P, w, s) * prefix_probability(P, s))


@identity(COVER_THOMAS, item="1:T1.2", assuming=possible(s))
def probability_eq_stop_probability_mul_prefix_probability():
    """The last step of the chain rule: a prompt is the whole text if nothing comes after it."""
    return Eq(P[s], stop_probability(P, s) * prefix_probability(P, s))


@identity(COVER_THOMAS, item="1:T1.2", assuming=possible(s))
def sum_prefix_probability_of_next_eq_one_sub_stop_mul_prefix_probability():
    """What goes on after a prompt is what does not stop: nothing else is lost."""
    going_on = WordSum(prefix_probability(P, s * w), w)
    return Eq(going_on, (1 - stop_probability(P, s)) * prefix_probability(P, s))


@identity(COVER_THOMAS, item="1:T1.3", assuming=possible(s * w))
def causal_probability_of_concat():
    """**Prefix consistency**: after one more word a prompt's distribution is conditioned on it."""
    return Eq(
        causal_probability(P, t, s * w),
        causal_probability(P, w * t, s) / StringSum(causal_probability(P, w * u, s), u),
    )


# The space of what prompts mean


@notion(
    YANG_NAMED,
    item="1:D1.6",
    consequences=("causal_probability_of_concat", "prompt_distance_le_two"),
)
def moduli_space():
    """The moduli space of a language model is the set of the distributions of its prompts."""
    return r"\mathcal{M}_L = \{P_{L}(\cdot \mid s) : s \in W^*,\ \pi(s) > 0\} \subset \ell^1(W^*)"


@string_definition(r"d_L(#2, #3)", OURS, item=("1:D1.6", "1:D1.7"), assuming=possible(s, u))
def prompt_distance(P=P, s=s, u=u):
    """The distance of two prompts sums up by how much the strings after them differ."""
    return StringSum(Abs(causal_probability(P, t, s) - causal_probability(P, t, u)), t)


@notion(
    YANG_NAMED,
    item="1:D1.7",
    consequences=("prompt_distance_le_two", "predictive_distance_le_prompt_distance"),
)
def generalized_distributional_hypothesis():
    """A prompt means its point of the moduli space; near points mean nearly the same."""
    return r"s \sim u \iff d_L(s, u) = 0"


one_word = string_family(lambda t: KroneckerDelta(Length(t), 1) / vocabulary_size)


@inequality(
    OURS,
    item=("1:D1.6", "1:D1.7"),
    assuming=possible(s, u),
    tight_at={P: one_word, s: empty, u: w},
)
def prompt_distance_le_two():
    """The distance of two prompts is at most two, where nothing that follows one follows both."""
    return Le(prompt_distance(P, s, u), 2)


@inequality(OURS, item=("1:D1.6", "1:D1.7"), assuming=possible(s, u), tight_at={u: s})
def predictive_distance_le_prompt_distance():
    """Prompts near in the strings that follow are near in the next word."""
    stop = Abs(stop_probability(P, s) - stop_probability(P, u))
    words = WordSum(Abs(word_probability(P, w, s) - word_probability(P, w, u)), w)
    return Le(stop + words, prompt_distance(P, s, u))


# The entropy function


@string_definition(r"S_L(#2)", YANG, item="1:D1.8", assuming=possible(s))
def entropy_function(P=P, s=s):
    """The entropy function of a prompt is the entropy of what comes next, the stop included."""
    stop, word = stop_probability(P, s), word_probability(P, w, s)
    return -xlogy(stop, stop) - WordSum(xlogy(word, word), w)


uniform = string_family(lambda t: (vocabulary_size + 1) ** (-Length(t) - 1))
silent = string_family(lambda t: KroneckerDelta(Length(t), 0))


@inequality(COVER_THOMAS, item="1:T1.11", assuming=possible(s), tight_at={P: silent, s: empty})
def entropy_function_nonneg():
    """The entropy function is nonnegative, and zero where the output is unique."""
    return Ge(entropy_function(P, s), 0)


@inequality(COVER_THOMAS, item="1:T1.11", assuming=possible(s), tight_at={P: uniform})
def entropy_function_le_log_card():
    """The entropy function is at most the logarithm of the number of outcomes."""
    return Le(entropy_function(P, s), log(vocabulary_size + 1))


@notion(
    YANG,
    item="1:D1.9",
    consequences=(
        "entropy_function_nonneg",
        "neg_log_largest_probability_le_prompt_entropy",
    ),
)
def zero_points():
    """A zero point of the entropy function is a prompt with a unique output."""
    return r"Z_L = \{s : S_L(s) = 0\}, \quad Z_L^{\epsilon} = \{s : S_L(s) < \epsilon\}"


# Thermodynamics of a prompt

E, T, prompt = symbols.E, symbols.T, symbols.s
energies = family(lambda i: E[prompt, i])


@definition("p_{#4}(#3)", YANG, item="1:D1.10")
def token_probability(E, T, s, k):
    """The probability of an outcome of a prompt is its normalized Boltzmann weight."""
    return exp(-E[s, k] / T) / Sum(exp(-E[s, i] / T), (i, 1, V))


@definition("Z(#3)", YANG, item="1:D1.11")
def prompt_partition_function(E, T, s):
    """The partition function of a prompt is the sum of the weights of its outcomes."""
    return Sum(exp(-E[s, i] / T), (i, 1, V))


@definition("U(#3)", YANG, item="1:D1.11")
def prompt_internal_energy(E, T, s):
    """The internal energy of a prompt is the mean energy of its outcomes."""
    return Sum(token_probability(E, T, s, i) * E[s, i], (i, 1, V))


@definition("F(#3)", YANG, item="1:D1.11")
def prompt_free_energy(E, T, s):
    """The free energy of a prompt is minus temperature times the log of its partition function."""
    return -T * log(prompt_partition_function(E, T, s))


@definition("S(#3)", YANG, item="1:D1.8")
def prompt_entropy(E, T, s):
    """The entropy function of a prompt is the entropy of its outcomes, in nats."""
    p = token_probability(E, T, s, i)
    return -Sum(p * log(p), (i, 1, V))


S_L = prompt_entropy(E, T, prompt)


@identity(YANG, item="1:D1.10")
def token_probability_eq_probability_of_energies():
    """A prompt's outcomes have the Boltzmann distribution of its energies."""
    return Eq(token_probability(E, T, prompt, k), boltzmann.probability(energies, T, k))


@identity(COVER_THOMAS, item="1:D1.10")
def sum_token_probability_eq_one():
    """One of a prompt's outcomes happens."""
    return Eq(Sum(token_probability(E, T, prompt, i), (i, 1, V)), 1)


@identity(YANG, item="1:D1.11")
def prompt_partition_function_eq_partition_function_of_energies():
    """A prompt's partition function is that of its energies."""
    Z = prompt_partition_function(E, T, prompt)
    return Eq(Z, boltzmann.partition_function(energies, T))


@identity(YANG, item="1:D1.11")
def prompt_internal_energy_eq_internal_energy_of_energies():
    """A prompt's internal energy is that of its energies."""
    return Eq(prompt_internal_energy(E, T, prompt), boltzmann.internal_energy(energies, T))


@identity(YANG, item="1:D1.11")
def prompt_free_energy_eq_free_energy_of_energies():
    """A prompt's free energy is that of its energies."""
    return Eq(prompt_free_energy(E, T, prompt), boltzmann.free_energy(energies, T))


@identity(YANG, item="1:D1.8")
def prompt_entropy_eq_entropy_of_energies():
    """The entropy function is the thermodynamic entropy of the prompt's energies."""
    return Eq(S_L, boltzmann.entropy(energies, T))


@identity(YANG, item=("1:D1.8", "1:D1.11", "1:T1.19"))
def prompt_free_energy_eq_internal_energy_sub_temperature_mul_prompt_entropy():
    """For each prompt, free energy is internal energy minus temperature times its entropy."""
    free_energy, energy = (
        quantity(E, T, prompt) for quantity in (prompt_free_energy, prompt_internal_energy)
    )
    return Eq(free_energy, energy - T * S_L)


@inequality(COVER_THOMAS, item=("1:D1.9", "1:T1.13"), tight_at={T: oo})
def neg_log_largest_probability_le_prompt_entropy():
    """Where the entropy function is small, one outcome takes almost all of the probability."""
    return Le(-log(boltzmann.largest_probability(energies, T)), S_L)
