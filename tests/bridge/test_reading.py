"""Reading papers: what is read, what is asked, what is refused, and the verdicts."""

from pathlib import Path
from time import process_time

import pytest
from sympy import Derivative, Eq, Sum, log

from bridge.reading import verify_paper
from bridge.reading.claims import assuming, read_paper
from bridge.reading.extremes import extreme_witness
from bridge.reading.source import read_text
from formal.quantity import unfold

CANONICAL = r"""
% porism: T > 0
% porism: E_i real, i = 1..V
% porism: q_i > 0, sum q_i = 1
% porism: <.> averages over p
\newcommand{\kl}[2]{D_{\mathrm{KL}}(#1\,\|\,#2)}
\begin{equation}\label{eq:z}
  Z = \sum_i e^{-E_i/T}, \qquad p_i = \frac{e^{-E_i/T}}{Z}.
\end{equation}
\begin{align}
  F &= -T\ln Z, & S &= -\sum_i p_i \ln p_i, \\
  U &= \langle E\rangle = \sum_i p_i E_i.
\end{align}
With $\beta = 1/T$
"""


def lines(text: str, head: str = CANONICAL):
    """The verdicts on what a text adds to a head."""
    known = len(read_paper(head).said)
    return verify_paper(head + text).lines[known:]


def statuses(text: str, head: str = CANONICAL) -> list[str]:
    return [line.status for line in lines(text, head)]


def test_definitions_are_no_claims():
    assert statuses("", "") == []
    found = verify_paper(CANONICAL).lines
    assert [line.status for line in found] == [*["DEFINITION"] * 5, "PROVED", "DEFINITION"]


@pytest.mark.parametrize(
    "right, wrong",
    [
        (r"F = U - TS", r"F = U + TS"),
        (r"S = -\frac{\partial F}{\partial T}", r"S = \frac{\partial F}{\partial T}"),
        (r"U = -\partial_\beta \ln Z", r"U = -\partial_T \ln Z"),
        (
            r"\frac{dU}{dT} = \frac{\mathrm{Var}(E)}{T^2}",
            r"\frac{dU}{dT} = \frac{\mathrm{Var}(E)}T",
        ),
        (
            r"\kl{q}{p} = \frac{\langle E \rangle_q - F}{T} - H(q)",
            r"\kl{p}{q} = \frac{\langle E \rangle_q - F}{T} - H(q)",
        ),
        (r"\kl{q}{p} \ge 0", r"\kl{q}{p} \le 0"),
        (r"\mathbb{E}_{i\sim p}[E_i] = U", r"\mathbb{E}_{i\sim q}[E_i] = U"),
    ],
)
def test_right_is_accepted_and_a_slip_is_refuted(right, wrong):
    assert statuses(rf"\[ {right} \]") in (["PROVED"], ["SUPPORTED"])
    (line,) = lines(rf"\[ {wrong} \]")
    assert line.status == "REFUTED" and line.witness["left"] != line.witness["right"]


def test_the_nearest_right_variant_is_named():
    (line,) = lines(r"\[ F = U + TS \]")
    assert "is proved" in line.suggestion


def test_each_step_of_a_chain_has_its_own_verdict():
    chain = r"""\begin{align}
      S &= \frac{U - F}{T} \\
        &= \beta U + \ln Z \\
        &= \beta U - \ln Z
    \end{align}"""
    found = lines(chain)
    assert [line.status for line in found] == ["PROVED", "PROVED", "REFUTED"]
    assert [line.step for line in found] == [1, 2, 3]
    assert len({line.place.line for line in found}) == 3


def test_what_is_read_is_built_as_written():
    said = read_paper(CANONICAL + r"\[ S = -\frac{\partial F}{\partial T} \]").said[-1]
    (derivative,) = said.claim.atoms(Derivative)
    body = unfold(derivative.args[0])
    assert isinstance(said.claim, Eq) and body.has(Sum, log)
    assert str(derivative.args[1]) == "(T, 1)"


@pytest.mark.parametrize(
    "text, asked",
    [
        (r"\[ U = \sum_i p_i \ln p_i q_i \]", "inside the logarithm"),
        (r"\[ U = E + 1 \]", "number or a family"),
        (r"\[ U = \sum_i p_i E_i / 2 T \]", "under the slash"),
        (r"\[ F = U - \frac{\partial G}{\partial T} \]", "depend"),
        (r"\[ U = R(y) \]", "a function of y"),
    ],
)
def test_ambiguity_is_a_question_with_its_place(text, asked):
    (line,) = lines(text)
    assert line.status == "QUESTION" and asked in line.detail
    assert line.place.line == CANONICAL.count("\n") + 1 and line.place.column > 1


def test_a_plain_e_with_a_subscript_may_be_a_mean():
    (line,) = lines(r"\[ E_x [q_x] = 1 \]", "% porism: q_x > 0, sum q_x = 1, x = 1..V\n")
    assert line.status == "QUESTION" and "is E_{x} a mean" in line.detail


def test_what_is_not_read_in_a_chain_is_stepped_over_and_said_so():
    found = lines(r"\[ G = \int_\gamma A = 2 F \] \[ G = F \]")
    assert [line.status for line in found] == ["NOT READ", "NOT READ", "REFUTED"]
    assert "G is taken as 2 F" in found[0].detail


def test_a_variable_that_is_not_declared_is_no_excuse():
    head = "% porism: E_i real, i = 1..V\n" + r"\[ Z = \sum_i e^{-b E_i}, \quad U = \frac1Z "
    head += r"\sum_i E_i e^{-b E_i} \]"
    found = lines(r"\[ U = \frac{d}{db} \ln Z \] \[ T U = -T \frac{d}{db} \ln Z + b \]", head)
    assert [line.status for line in found] == ["REFUTED", "QUESTION"]


def test_brackets_that_nothing_declares_are_asked_about():
    (line,) = lines(r"\[ \langle x \rangle = 1 \]", "% porism: x_i real, i = 1..V\n")
    assert line.status == "QUESTION" and "averages over" in line.detail


def test_what_is_no_claim_is_counted():
    report = verify_paper(CANONICAL + r"\[ F \approx U \] \[ \heartsuit = 1 \]")
    assert report.counts["NOT A CLAIM"] == 1 and report.counts["NOT READ"] == 1


@pytest.mark.parametrize(
    "text, said, column",
    [
        (r"$a = {b$ and so on", "not closed", 6),
        (r"\newcommand{\x}{\x\x} $\x = 1$", "without end", 24),
        (r"\begin{align} a = b", "no \\end", 1),
        (r"$a = b", "no $", 1),
        (r"\input{/etc/passwd} x", "given as text", 1),
    ],
)
def test_bad_input_is_told_and_the_rest_is_checked(text, said, column):
    report = verify_paper(f"{CANONICAL}\n{text}\n\n" + r"\[ F = U - TS \]")
    told = [(p.message, p.place.column) for p in report.problems]
    told += [(li.detail, li.place.column) for li in report.lines if li.status == "NOT READ"]
    assert any(said in message and at == column for message, at in told)
    assert report.lines[-1].status == "PROVED"


def test_files_outside_the_folder_and_bytes_that_are_no_text(tmp_path: Path):
    (tmp_path / "secret.tex").write_text("$1 = 2$")
    folder = tmp_path / "paper"
    folder.mkdir()
    (folder / "part.tex").write_text(r"\[ F = U - TS \]")
    paper = folder / "paper.tex"
    bad = CANONICAL.encode() + b"\\input{../secret} \\input{part} \\input{paper}\n\xff"
    paper.write_bytes(bad)
    report = verify_paper(paper)
    told = " ".join(problem.message for problem in report.problems)
    assert "outside" in told and "includes itself" in told and "0xff" in told
    assert report.lines[-1].status == "PROVED" and report.lines[-1].place.file == "part.tex"


@pytest.mark.parametrize(
    "text, expected",
    [
        (r"\[ H_\alpha = \frac{\ln \sum_i q_i^\alpha}{1 - \alpha} \] \[ H_2 = -\ln\sum q_i^2 \]",
         ["DEFINITION", "PROVED"]),
        (r"\[ a_i = q_i + 1 \] \[ G(X) = \sum_i a_i, \quad G(X) = 1 + V \]",
         ["DEFINITION", "DEFINITION", "PROVED"]),
        (r"\[ E'_i = 2 E_i, \qquad Z' = \sum_i e^{-E'_i/T} \]", ["DEFINITION"] * 2),
        (r"\[ \Delta F = 2 F, \quad \Delta F = F + F \]", ["DEFINITION", "PROVED"]),
        (r"\[ T = T + 1 \]", ["REFUTED"]),
        (r"\[ G = exp(-F/T), \quad G = Z, \quad ln(G) = F \]",
         ["DEFINITION", "PROVED", "REFUTED"]),
        (r"\[ G = K = \frac{F}{T}, \quad G T = F \]", ["DEFINITION", "DEFINITION", "PROVED"]),
        (r"\[ \Delta E^2 = \mathrm{Var}(E), \quad \Delta E^2 = \frac{\Delta E^2}{T} \]",
         ["DEFINITION", "REFUTED"]),
        (r"\[ \frac{d}{dT} = -\beta^2 \frac{d}{d\beta} \] \[ \frac{d}{dT} = \frac{d}{d\beta} \]",
         ["PROVED", "REFUTED"]),
        (r"\[ \mathbf{q} = \mathbf{p} \] \[ a_i = 2 q_i, \quad \mathbf{a} = 2 \mathbf{q} \]",
         ["REFUTED", "DEFINITION", "PROVED"]),
        (r"\[ P(i \succ j \mid k) = q_i / (q_i + q_j + q_k), \quad P(i \succ i \mid i) = 1/3 \]",
         ["DEFINITION", "PROVED"]),
        (r"\[ R(r) = E_{y \sim r}[\ln r(y)], \quad R(q) = -H(q), \quad R(q) = H(q) \]",
         ["DEFINITION", "PROVED", "REFUTED"]),
        (r"\[ \ln_s x = \frac{x^s - 1}{s} \] \[ s \ln_s 2 = 2^s - 1 \]", ["DEFINITION", "PROVED"]),
        (r"\begin{align} F &= U - TS \\[2pt] &= -T \ln Z \end{align}", ["PROVED"] * 2),
        (r"\[ \begin{aligned}[t] F &= U - T S \end{aligned} \]", ["PROVED"]),
    ],
)  # fmt: skip
def test_names_as_people_write_them(text, expected):
    head = CANONICAL + "% porism: \\alpha > 0, \\alpha != 1\n% porism: s > 0\n% porism: x > 0\n"
    assert statuses(text, head) == expected


def test_a_wrong_constant_is_found_far_out():
    head = CANONICAL + "% porism: r_i > 0, sum r_i = 1, i = 1..V\n"
    for bound, fails in ((r"\frac{19}{10}", True), ("2", False)):
        reading = read_paper(head + rf"\[ \sum_i |q_i - r_i| \le {bound} \]")
        claim = reading.said[-1].claim
        assert claim is not None
        assert (extreme_witness(claim, assuming(reading, claim)) is not None) == fails


def test_an_equation_inside_a_sentence_may_be_its_condition():
    (line,) = lines(r"If $F = U$, nothing is lost.")
    assert line.status == "QUESTION" and "condition" in line.detail


def test_the_conventions_of_the_catalogue():
    text = r"\[ C = T\frac{\partial S}{\partial T}, \qquad H(q) \le \ln V, \qquad G = U - F \]"
    found = verify_paper("% porism: conventions porism\n" + text).lines
    assert [line.status for line in found] == ["PROVED", "PROVED", "DEFINITION"]
    of_policies = r"\[ \mathcal{J}[q] \le \mathcal{V} \]"
    (line,) = verify_paper(of_policies, conventions="porism:alignment").lines
    assert line.status == "PROVED"
    with pytest.raises(ValueError, match="conventions porism"):
        verify_paper("", conventions="physics")


def test_a_function_of_a_number_is_not_a_component_of_a_family():
    found = lines(r"\[ E(T) = \sum_i E_i / V \] \[ E(T) = 2 E(T) \]")
    assert [line.status for line in found] == ["DEFINITION", "REFUTED"]


def test_nothing_grows_exponentially():
    doubled = "".join(rf"\[ a_{{{n + 1}}} = a_{{{n}}} + a_{{{n}}}^2 \]" for n in range(40))
    nested = "F(" * 25 + "T + 1" + ") + 1" * 25
    varied = r"\mathrm{Var}(E " * 25 + ")" * 25
    text = rf"\[ a_{{0}} = 2 T \] {doubled} \[ {nested} = 1 \] \[ {varied} = 1 \]"
    for head in (CANONICAL, CANONICAL + "% porism: conventions porism\n"):
        started = process_time()
        report = read_paper(head + text)
        assert process_time() - started < 20
        assert {said.kind for said in report.said[-2:]} <= {"unread", "question"}


def test_a_long_paper_is_cut_and_said_so(monkeypatch):
    monkeypatch.setattr("bridge.reading.source.MOST", 10_000)
    (problem,) = read_text("word\n" * 5_000).problems
    assert "more than 10,000" in problem.message and problem.place.line == 2_001


def test_report_survives_json():
    report = verify_paper(CANONICAL + r"\[ F = U + TS \]")
    assert type(report).from_json(report.as_json()) == report
    assert report.exit_code == 1 and not report


def test_a_number_is_no_index():
    text = """% porism: T > 0
% porism: O_i real, i = 1..N
\\[ 2 O(T) = \\sum_i O_i \\]
"""
    (line,) = verify_paper(text).lines
    assert line.status == "QUESTION" and "is a number and no index" in line.detail
