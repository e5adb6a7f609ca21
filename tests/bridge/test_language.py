"""`porism language`: conjectures stay open, whatever is measured; the page and the data say it."""

import json
from dataclasses import replace

import pytest
import torch
from command_line import run

import formal
from bridge import verify
from bridge.conjectures import measured_on, open_evidence
from bridge.report.ledger import rows_of
from bridge.report.plain import exit_code
from bridge.report.tasks import Findings
from bridge.sample import Sample
from bridge.verdict import Status
from formal.conjectures import entropy_calibration, near_predictions_mean_the_same
from formal.sources import OURS
from formal.statement import ClaimError, open_conjecture

CONJECTURES = {n: s for n, s in formal.statements().items() if s.kind == "conjecture"}


def sample(logits, targets):
    pieces = ["x"] * len(targets)
    return Sample("toy", {}, pieces, pieces, targets, logits, None, None, len(targets))


@pytest.fixture(scope="module")
def own():
    """A toy model's outputs on a text of its own."""
    generator = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn(160, 30, generator=generator)
    targets = torch.multinomial(torch.softmax(logits, -1), 1, generator=generator)
    return sample(logits, [int(t) for t in targets[:, 0]])


def test_conjectures_say_what_is_measured_and_what_would_falsify():
    assert len(CONJECTURES) == 4
    for statement in CONJECTURES.values():
        assert statement.claim is None and statement.measure and statement.falsified

    def unfalsifiable():
        """Nothing speaks against it."""
        return "x"

    with pytest.raises(ClaimError, match="what would falsify"):
        open_conjecture(OURS, item="1:C1", measure="a", falsified="")(unfalsifiable)


@pytest.mark.parametrize("name", CONJECTURES)
def test_a_conjecture_is_neither_proved_nor_supported(name, own):
    for verdict in (verify(name), verify(name, sample=own)):
        assert verdict.status is Status.UNKNOWN
        assert "neither proved nor supported" in verdict.evidence[0].detail
    assert exit_code([("conjecture", verify(name).status)]) == 0


def test_what_a_sample_can_measure_stands_in_the_ledger(own, tmp_path):
    measured = measured_on(own, CONJECTURES)
    assert measured.keys() == CONJECTURES.keys() - {near_predictions_mean_the_same.name}
    rows = {row.statement.name: row for row in rows_of(CONJECTURES, Findings(tmp_path), measured)}
    calibration = rows["entropy_calibration"].verdict
    assert calibration.status is Status.UNKNOWN
    assert "measured on toy, 160 positions" in calibration.evidence[0].detail
    gap = calibration.evidence[0].data["gap"]
    assert gap["low"] < 0 < gap["high"]
    assert measured_on(replace(own, targets=own.targets[:9]), CONJECTURES) == {}


def test_a_text_that_the_model_did_not_write_is_seen(own):
    rng = torch.Generator().manual_seed(1)
    other = sample(own.logits, torch.randint(30, (160,), generator=rng).tolist())
    data = measured_on(other, CONJECTURES)["entropy_calibration"].data
    assert data["test"]["z"] > 5 and data["gap"]["low"] > 0
    assert open_evidence(entropy_calibration).status is Status.UNKNOWN


@pytest.mark.model
def test_the_command_prints_measures_and_writes_a_page(tmp_path):
    options = ["--model", "charlm", "--positions", "64", "--texts", "2", "--length", "20"]
    prompts = tmp_path / "prompts.tsv"
    rows = ["prompt\tparaphrase\tother meaning", "a\tb\tc", "d\te\tf", "g\th\ti"]
    prompts.write_text("\n".join(rows), encoding="utf-8")
    folder = tmp_path / "page"
    told = run("language", *options, "--prompts", str(prompts), "--json", "--out", str(folder))
    data = json.loads(told.stdout)
    assert told.exit_code == data["exit_code"] == 3  # 40 characters tell too little
    assert data["format"] == "porism.language/1" and data["positions"] == 64
    assert data["calibration"]["own_texts"]["positions"] == 40
    assert set(data["against"]) <= CONJECTURES.keys()
    assert len(data["pairs"]) == 9 and "Fisher-Rao" in data["meaning"]
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 2 and "neither proves nor supports" in page
    assert {file.name for file in folder.iterdir()} >= {"calibration.pdf", "meaning.svg"}


def test_bad_input_is_one_line():
    told = run("language", "--prompts", "no-such-table.tsv")
    assert told.exit_code == 2 and "cannot be read as a table of prompts" in told.output
    assert run("prove", "entropy_calibration").exit_code == 2
