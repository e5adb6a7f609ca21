"""Papers: equations with their proofs, and that a proof that is lost stops the build."""

import dataclasses
import re
from pathlib import Path

import pytest
from command_line import refused, run
from latex_run import compiled
from sympy import Derivative, Eq, IndexedBase, Le, Sum, Symbol

from bridge.errors import BadInput
from bridge.paper import Standing, equations, losses, paper, standing, tex_files, write_folder
from bridge.paper.bibliography import bibliography
from bridge.paper.measured import measured
from bridge.paper.notation import notation
from bridge.paper.paper import earlier_losses, names_of
from bridge.paper.record import Mark, changed, marks
from bridge.paper.selection import inputs, named, with_definitions
from bridge.paper.tex import pieces
from bridge.paper.words import hypotheses
from formal import Derivation, statements
from formal.boltzmann import C, F, S, T, U
from formal.latex import latex
from formal.notation import meaning
from formal.symbols import N, beta, i, j

HEAT = "heat_capacity_eq_deriv_internal_energy"
FORGED = re.compile(r"\{PROVED\}\{[\w-]+\}")
LEDGER = Path(__file__).parents[2] / "docs" / "paper" / "ledger.json"
GIBBS = "kl_divergence_nonneg"


@pytest.fixture(scope="module")
def known():
    return statements()


@pytest.fixture(scope="module")
def made(known):
    chosen = with_definitions(named([HEAT, GIBBS], known), known)
    return paper(chosen, known, sources=bibliography())


# What is printed


def test_definitions_come_before_what_rests_on_them(made):
    names = [entry.name for entry in made.entries]
    assert names.index("partition_function") < names.index("internal_energy") < names.index(HEAT)
    assert names[-1] == GIBBS


def test_an_equation_has_a_label_a_mark_and_a_command(made):
    text = tex_files(made)[f"{HEAT}.tex"]
    entry = next(entry for entry in made.entries if entry.name == HEAT)
    assert rf"\label{{eq:{HEAT}}}" in text and r"\begin{proposition}" in text
    assert rf"\porismmark{{PROVED}}{{{entry.standing.short}}}{{{HEAT}}}" in text
    assert entry.standing.short.startswith(entry.standing.certificate[:12] + "-")
    assert entry.standing.command == f"porism prove {HEAT}"


def test_the_command_of_a_mark_gives_its_digest(made):
    for entry in made.entries:
        words = entry.standing.command.split()
        assert words[0] == "porism"
        if entry.standing.status == "PROVED":
            assert entry.standing.digest in run(*words[1:]).stdout


def test_a_definition_is_cited_and_what_is_derived_is_not(made):
    files = tex_files(made)
    assert r"\cite[abstract]{yang2024}" in files["partition_function.tex"]
    assert "@misc{yang2024," in files["references.bib"]
    assert "@misc{porism," not in files["references.bib"]


def test_hypotheses_in_words(known):
    assert "$q$ and $r$ are probability distributions" == hypotheses(known[GIBBS].domain, {})
    rows = (Eq(Sum(IndexedBase("K")[i, j], (j, 1, N)), 1), Le(beta, 1))
    assert hypotheses(rows, {}).startswith("every row of $K$ is a probability distribution and $")


def test_the_appendix_has_every_step(made):
    text = tex_files(made)["appendix.tex"]
    assert r"\text{derivative}" in text and r"\ln x \geq 0" in text
    assert made.entries[-1].standing.digest in text.replace(r"\allowbreak ", "")


def test_a_formula_is_cut_at_its_top_level_only():
    assert pieces(r"a + \frac{b + c}{d} - \left(e + f\right)") == [
        "a",
        r"+ \frac{b + c}{d}",
        r"- \left(e + f\right)",
    ]


def test_a_derivation_is_aligned_with_reasons(known):
    chain = Derivation([S, -Derivative(F, T)], reasons=["100% of dF = -S dT & no more"])
    text = equations(paper({"heat": chain}, known), marks=True)
    assert r"\begin{align}" in text and r"&& \text{100\% of dF = -S dT \& no more}" in text
    assert r"\label{eq:heat}\porismmark{PROVED}" in text


def test_a_derivation_is_as_good_as_its_worst_step(known):
    wrong = Derivation([C, Derivative(U, T), Derivative(S, T)])
    found = standing("wrong", wrong, known)
    assert not found and "step 2" in found.why and found.status == "REFUTED"


# Names and notation


def test_an_author_names_things():
    assert latex(Eq(F, T * S), {"free_energy": "A", "entropy": r"\eta"}) == r"A = T \eta"
    assert latex(beta, {"beta": "b"}) == "b"


@pytest.mark.parametrize("pair", ["beta", "=b", "beta={b", r"beta=\input{/etc/passwd}$", "b-a=c"])
def test_a_name_that_is_no_symbol_is_refused(pair):
    with pytest.raises(BadInput, match="expected|braces"):
        names_of([pair])


def test_one_symbol_for_two_things_is_an_error_that_names_both(known):
    other = Symbol("beta", real=True)
    mine = dataclasses.replace(known["entropy"], name="slope", claim=Eq(other, 1))
    both = {"slope": mine, "log": known["internal_energy_eq_neg_deriv_log_partition"]}
    with pytest.raises(BadInput, match=r"\\beta stands for two things.* in slope.* 1/T.* in log"):
        notation(both, {})
    assert notation({"slope": mine}, {})


def test_arguments_tell_two_quantities_of_one_letter_apart(known):
    both = {name: known[name] for name in ("shannon_entropy", "cross_entropy")}
    assert {row.symbol for row in notation(both, {})} >= {"H(q)", "H(q, r)"}


def test_a_symbol_beside_a_quantity_of_its_letter_is_a_conflict_and_a_new_name_ends_it(known):
    names = ("central_moment", "mean_sub_kl_divergence_le_log_mean_exp")
    both = {name: known[name] for name in names}
    assert notation(both, {})
    with pytest.raises(BadInput, match=r"\\mu stands for two things: central_moment"):
        notation(both, {"central_moment": r"\mu_{#3}"})
    with pytest.raises(BadInput, match="U stands for two things"):
        notation({"a": known["entropy"], "b": known["internal_energy"]}, {"entropy": "U"})


def test_every_topic_prints_without_a_conflict(known):
    for topic in {one.topic for one in known.values()}:
        chosen = {name: one for name, one in known.items() if one.topic == topic}
        rows = notation(with_definitions(chosen, known), {})
        assert rows or all(one.claim is None for one in chosen.values()), topic


def test_a_topic_says_what_it_means_by_a_symbol(known):
    (row,) = [row for row in notation({"a": known["mixture"]}, {}) if row.symbol.startswith("K")]
    assert row.meaning == "probabilities by each model"
    assert meaning(beta) == "inverse temperature $1/T$"


# What is lost


def test_what_still_holds_is_no_loss(made, known):
    text = "\n".join(map(str, tex_files(made).values()))
    assert len(marks(text, "x.tex")) == len(made.entries)
    assert losses(text, "x.tex", known, lambda name: standing(name, known[name], known)) == []


def test_a_lost_proof_is_named_with_its_line(made, known):
    text = equations(made)
    lost = Standing("UNKNOWN", "0" * 64, "", why="no proof found")
    now = {entry.name: entry.standing for entry in made.entries} | {HEAT: lost}
    (loss,) = losses(text, "x.tex", known, now.__getitem__)
    assert text.splitlines()[loss.mark.line - 1].startswith(r"% \porismmark")
    assert f"{HEAT}: was PROVED, is UNKNOWN (no proof found)" in str(loss)


def test_an_equation_that_was_edited_is_lost(made, known):
    now = {entry.name: entry.standing for entry in made.entries}
    text = equations(made).replace(r"C = \frac{\partial U}", r"C = -\frac{\partial U}")
    (loss,) = losses(text, "x.tex", known, now.__getitem__)
    assert loss.mark.name == HEAT and "is not the statement's" in loss.problem
    chain = Derivation([S, -Derivative(F, T)])
    shown = equations(paper({"chain": chain}, known)).replace(r"&= -", "&= ")
    (loss,) = losses(shown, "x.tex", {"chain": chain}, now.__getitem__)
    assert "is not the statement's" in loss.problem
    spaced = equations(made).replace(r"C = \frac", "C  =  % so\n  \\frac")
    assert losses(spaced, "x.tex", known, now.__getitem__) == []


def test_a_name_or_a_meaning_that_is_gone(made, known):
    now = {entry.name: entry.standing for entry in made.entries}
    text = equations(made)
    fewer = {name: one for name, one in known.items() if name != GIBBS}
    assert "no statement has this name" in str(*losses(text, "x", fewer, now.__getitem__))
    moved = now | {"mean": Standing("DEFINITION", "f" * 64, "")}
    (loss,) = losses(text, "x", known, moved.__getitem__)
    assert loss.mark.name == "mean" and "another one now" in loss.problem and not loss.renewed


def test_a_better_verdict_or_another_proof_is_no_loss():
    def found(status, digest, *standing):
        return changed(Mark(status, digest, "a", "x", 1), Standing(*standing))

    a, b, c = ("a" * 12, "b" * 64, "c" * 64)
    assert found("SUPPORTED", "b" * 12, "PROVED", b, "", c) == []
    assert found("PROVED", f"{a}-{'b' * 12}", "PROVED", b, "", "a" * 64) == []
    assert [loss.renewed for loss in found("PROVED", f"{a}-{'b' * 12}", "PROVED", b, "", c)] == [
        True
    ]
    assert [loss.renewed for loss in found("PROVED", f"{a}-{a}", "PROVED", b, "", c)] == [False]
    assert [loss.renewed for loss in found("PROVED", f"{a}-{a}", "SUPPORTED", b, "")] == [False]


def test_what_is_meant_changes_with_a_definition_below(known):
    statement = known[HEAT]
    before = standing(HEAT, statement, known).meaning
    quantity = type(C)
    body, other = quantity.body, 2 * quantity.body
    try:
        quantity.body = other
        assert standing("entropy", known["heat_capacity_nonneg"], known).meaning != before
        assert standing(HEAT, statement, known).meaning != before
    finally:
        quantity.body = body
    assert standing(HEAT, statement, known).meaning == before


def test_a_folder_remembers(made, known, tmp_path):
    write_folder(tmp_path / "p", tex_files(made))
    assert earlier_losses(made, tmp_path / "p") == []
    path = tmp_path / "p" / f"{HEAT}.tex"
    path.write_text(FORGED.sub("{PROVED}{000000000000}", path.read_text()))
    (loss,) = earlier_losses(made, tmp_path / "p")
    assert loss.mark.name == HEAT and "another one" in loss.problem


def test_the_build_fails_where_a_proof_is_lost(tmp_path):
    out = tmp_path / "p"
    assert run("tex", GIBBS, "--out", out).exit_code == 0
    assert run("tex", "--check", out).exit_code == 0
    path = out / f"{GIBBS}.tex"
    kept = path.read_text()
    forged = FORGED.sub("{PROVED}{000000000000}", kept)
    path.write_text(forged)
    checked = run("tex", "--check", out)
    assert checked.exit_code == 1 and f"{GIBBS}: its claim, or" in checked.stdout
    again = run("tex", GIBBS, "--out", out)
    assert again.exit_code == 1 and "nothing is written" in again.stderr
    assert path.read_text() == forged
    assert run("tex", GIBBS, "--out", out, "--accept").exit_code == 0
    assert path.read_text() == kept


def test_what_is_refuted_is_not_printed(tmp_path, monkeypatch):
    (tmp_path / "wrong.py").write_text(
        "from sympy import Derivative, Eq\n"
        "from formal import Source, identity\n"
        "from formal.boltzmann import C, S, T\n"
        '@identity(Source("me"), item="1")\n'
        "def heat_capacity_eq_deriv_entropy():\n"
        '    """A factor T is lost."""\n'
        "    return Eq(C, Derivative(S, T))\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    name = "heat_capacity_eq_deriv_entropy"
    found = run("tex", name, "--catalogue", "wrong")
    assert found.exit_code == 1 and not found.stdout and f"{name}: REFUTED" in found.stderr
    shown = run("tex", name, "--catalogue", "wrong", "--accept")
    assert shown.exit_code == 0 and r"\porismmark{REFUTED}" in shown.stdout
    assert "no BibTeX entry for me" in shown.stderr


# What an author asks for


def test_a_paper_says_what_it_inputs(known):
    text = (
        "\\usepackage[nomarks]{eq/porism}\n\\input{eq/entropy}\n% \\input{eq/gone}\n"
        "\\input{eq/appendix}\\input{other/entropy}\\input{eq/free_energy.tex}"
    )
    folder, chosen = inputs(text, "p.tex", known)
    assert folder == "eq" and list(chosen) == ["entropy", "free_energy"]
    with pytest.raises(BadInput, match=r"p.tex:2: there is no statement 'entrpy'; did you mean"):
        inputs("\\usepackage{eq/porism}\n\\input{eq/entrpy}", "p.tex", known)
    with pytest.raises(BadInput, match="it says where to write"):
        inputs("\\input{eq/entropy}", "p.tex", known)


def test_mistakes_are_told_in_one_line(tmp_path):
    assert "did you mean" in refused("tex", "entrpy")
    assert "did you mean" in refused("tex", "--topic", "bolzmann")
    assert "only one of them" in refused("tex", "entropy", "--topic", "moduli")
    assert "promises nothing" in refused("tex", "--check", __file__)
    assert "cannot be read" in refused("tex", "--check", tmp_path / "none.tex")
    (tmp_path / "a.tex").write_bytes(b"\xff\xfe")
    assert "is not UTF-8" in refused("tex", "--check", tmp_path / "a.tex")
    (tmp_path / "entropy.tex").write_text("mine\n")
    assert "not written by porism" in refused("tex", "entropy", "--out", tmp_path)
    assert (tmp_path / "entropy.tex").read_text() == "mine\n"


def test_a_bibliography_of_ones_own(tmp_path):
    path = tmp_path / "a.bib"
    path.write_text("@book{me, title = {A {B} c}}\n@misc{you,\n title={d}}")
    assert bibliography([path])["me"] == "@book{me, title = {A {B} c}}"
    path.write_text("\n@book{me, title = {A")
    with pytest.raises(BadInput, match="a.bib:2: the entry me has no closing brace"):
        bibliography([path])


# What TeX makes of it


@pytest.mark.parametrize("marked", [True, False])
def test_a_folder_compiles_without_warnings(made, tmp_path, marked):
    if marked:
        made = dataclasses.replace(made, measured=measured(LEDGER))
    write_folder(tmp_path, tex_files(made, marks=marked))
    told, warnings = compiled(tmp_path)
    assert "Output written" in told and not warnings


def test_the_log_would_show_a_wide_line(made, tmp_path):
    wide = tex_files(made)
    wide["main.tex"] = wide["main.tex"].replace(
        r"\section*{Notation}", r"\noindent\rule{2\textwidth}{1pt}\eqref{eq:none}"
    )
    write_folder(tmp_path, wide)
    _, warnings = compiled(tmp_path)
    assert any("Overfull" in line for line in warnings)
    assert any("undefined" in line for line in warnings)
