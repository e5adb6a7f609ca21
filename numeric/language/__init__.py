"""Language models that are small enough to know completely.

Finite-state models, whose next word depends on the last one (`MarkovLanguageModel`) or on the last
few (`NGramLanguageModel`), have exact sums over all strings: `sentence_entropy` and its kin in
`numeric.language.sums`. Elsewhere a sum over strings is an interval, from its first terms and a
bound on the others (`numeric.language.truncation`). A model whose stop fades
(`FadingLanguageModel`) shows how a text may never end.

Words are numbered 0..V-1, and a row of V + 1 probabilities ends with that of the stop.
"""

from numeric.language.fading import FadingLanguageModel
from numeric.language.markov import MarkovLanguageModel
from numeric.language.ngram import NGramLanguageModel
from numeric.language.sums import (
    entropy_rate,
    expected_visits,
    mean_length,
    perplexity,
    position_entropies,
    sentence_entropy,
    sentence_entropy_of_strings,
    sentence_renyi_entropy,
    stationary_distribution,
)
from numeric.language.truncation import least_stop_probability, truncated_sentence_entropy

__all__ = [
    "FadingLanguageModel",
    "MarkovLanguageModel",
    "NGramLanguageModel",
    "entropy_rate",
    "expected_visits",
    "least_stop_probability",
    "mean_length",
    "perplexity",
    "position_entropies",
    "sentence_entropy",
    "sentence_entropy_of_strings",
    "sentence_renyi_entropy",
    "stationary_distribution",
    "truncated_sentence_entropy",
]
