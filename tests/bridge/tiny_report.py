"""A language model of eleven letters, a sample of it, and oracles that answer at once."""

from collections.abc import Iterator, Sequence

import pytest
import torch
from torch import Tensor

from bridge.report.ledger import Row
from bridge.report.readings import Readings, read
from bridge.sample import Sample, take_sample
from bridge.verdict import Evidence, Status, Verdict
from formal import Statement
from numeric.language_model import Head, LanguageModel

LETTERS = "abcde .,<&\n"
TEXT = "abc <b>dead & bad</b>.\n" * 12


class Letters(LanguageModel):
    """Logits from fixed random states: enough structure for every picture."""

    def __init__(self, bias: bool = False) -> None:
        generator = torch.Generator().manual_seed(3)
        self.name, self.vocabulary_size = "letters <tiny>", len(LETTERS)
        self.context_length = self.window = self.overlap = self.batch_tokens = 64
        self.device, self.dtype = torch.device("cpu"), torch.float32
        self.provenance = {"file": "none", "dtype": "float32"}
        self.states = torch.randn(len(LETTERS), 5, generator=generator) * 2
        self.weight = torch.randn(len(LETTERS), 5, generator=generator)
        self.bias = torch.ones(len(LETTERS)) if bias else None

    @property
    def head(self) -> Head:
        return Head(self.weight, self.bias)

    def tokens(self, ids: Sequence[int]) -> list[str]:
        return [LETTERS[i] for i in ids]

    def _encode(self, text: str) -> list[int]:
        return [LETTERS.index(letter) for letter in text if letter in LETTERS]

    def _hidden_blocks(self, ids: Tensor, batch_tokens: int) -> Iterator[Tensor]:
        for part in ids.split(batch_tokens):
            yield self.states[part]


@pytest.fixture(scope="session")
def sample() -> Sample:
    """Forty positions of the tiny model."""
    return take_sample(Letters(), TEXT, 40)


@pytest.fixture(scope="session")
def readings(sample: Sample) -> Readings:
    """The readings of the sample."""
    return read(sample, (0.5, 1.0, 2.0))


def answer(statement: Statement, **options: object) -> Verdict:
    """What `bridge.verify` might say, at once: proofs fail for one statement in seven."""
    rows = []
    for oracle in options.get("oracles", ()):  # type: ignore[union-attr]
        status, data = Status.SUPPORTED, {"seconds": 0.1}
        if oracle == "kernel":
            status = Status.UNKNOWN if len(statement.name) % 7 == 0 else Status.PROVED
        if oracle in ("property", "model"):
            data |= {"worst_residual": 1e-9 * (len(statement.name) % 5), "allowance": 1e-8}
        rows.append(Evidence(oracle, status, f"as {oracle} saw it", data))
    return Verdict.of(statement.name, tuple(rows), statement.latex)


def answered(statements: dict[str, Statement]) -> list[Row]:
    """A row per statement with the answers of all oracles."""
    asked = ("kernel", "balls", "property", "model")
    return [
        Row(statement, answer(statement, oracles=asked), {"kernel": 0.1})
        for statement in statements.values()
    ]
