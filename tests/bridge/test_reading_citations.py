"""Equations that a paper cites: what is used, under what name, and what is never used."""

import pytest

from bridge.reading import PaperReport, verify_paper
from bridge.reading.annotate import annotated
from bridge.reading.citations import around, cited
from bridge.reading.document import document
from bridge.reading.kept import Kept, kept_judge
from bridge.reading.source import read_text
from bridge.reading.table import table

HEAD = r"""
% porism: p_i > 0, sum p_i = 1, i = 1..V
% porism: E_i real, i = 1..V
% porism: \lambda real
% porism: \beta > 0
% porism: T > 0
% porism: a > 0
% porism: b > 0
% porism: c real
% porism: u real
\[ a + b + c = c + b + a \]
"""
ENTROPY = r"""We maximize the entropy subject to the constraint
\begin{equation} \sum_i p_i E_i = u . \label{mean} \end{equation}
\[ L = -\sum_i p_i \ln p_i - \lambda(\sum_i p_i - 1) - \beta(\sum_i p_i E_i - u) \]
Setting its derivative to zero,
\begin{equation} \frac{\partial L}{\partial p_k} = -\ln p_k - 1 - \lambda - \beta E_k = 0 .
\end{equation}
"""


def lines(text, **options):
    """The verdicts on what a text adds; its letters are used before, so it defines none."""
    return verify_paper(HEAD + text, **options).lines[1:]


def last(text):
    """The status of the last equation, what it rests on, and the detail."""
    line = lines(text)[-1]
    return line.status, line.given, line.detail


def test_a_constraint_and_a_stationary_point_are_assumed_and_then_used():
    found = lines(
        ENTROPY
        + r"""From (2), \[ p_k = e^{-1-\lambda-\beta E_k}, \] and by (2) with (1),
        \[ -\sum_i p_i \ln p_i = 1 + \lambda + \beta u . \] But with (2) also
        \[ p_k = e^{-\lambda-\beta E_k} . \]"""
    )
    assert [(line.status, line.given) for line in found] == [
        ("CONDITION", ()),
        ("DEFINITION", ()),
        ("PROVED", ()),
        ("CONDITION", ()),
        ("PROVED", ("(2)",)),
        ("SUPPORTED", ("(2)", "(1)")),
        ("REFUTED", ("(2)",)),
    ]


def test_without_the_citation_the_same_claim_is_refuted():
    assert last(ENTROPY + r"Hence \[ p_k = e^{-1-\lambda-\beta E_k} . \]")[0] == "REFUTED"


def test_hypotheses_that_nothing_meets_prove_nothing():
    impossible = r"Assume that \begin{equation} a + b = 0 . \end{equation} "
    status, given, detail = last(impossible + r"By (1), \[ (a + b) c = 0 . \]")
    assert (status, given) == ("UNKNOWN", ()) and "no point was found" in detail
    possible = impossible.replace("+", "-")
    assert last(possible + r"By (1), \[ (a - b) c = 0 . \]")[:2] == ("PROVED", ("(1)",))


def test_what_is_refuted_is_not_used():
    wrong = r"\begin{equation} (a + b)^2 = a^2 + b^2 \label{w} \end{equation} "
    status, given, detail = last(wrong + r"Using \eqref{w}, \[ 2 a b = 0 . \]")
    assert (status, given) == ("REFUTED", ()) and "(1) is cited, but refuted: not used" in detail


@pytest.mark.parametrize(
    "text",
    [
        r"By \eqref{l}, \[ a - b = 0 . \] Let\begin{equation}\label{l} b - a = 0 \end{equation}",
        r"By \eqref{l}, \begin{equation} a - b = 0 \label{l} \end{equation}",
        r"By \eqref{m}, \begin{equation} a - b = 0 . \label{l} \end{equation} By \eqref{l},"
        r"\begin{equation} b - a = 0 . \label{m} \end{equation}",
    ],
)
def test_nothing_rests_on_itself_or_on_what_stands_later(text):
    first = lines(text)[0]
    assert (first.status, first.given) == ("REFUTED", ())


def test_what_rests_on_an_assumption_passes_it_on():
    found = lines(
        r"Assume that \begin{equation} a - 2 b = 0 . \end{equation} By (1), \begin{equation} "
        r"a / b = 2 . \end{equation} From (2), \[ b / a = 1/2 . \]"
    )
    assert found[1].given == ("(1)",) and found[2].given == ("(2)", "(1)")


def test_a_proved_equation_is_a_lemma_and_no_hypothesis():
    found = lines(
        r"\begin{equation} (a + c)^2 = a^2 + 2 a c + c^2 \end{equation} By (1), \[ a - c = 0 . \]"
    )
    assert (found[1].status, found[1].given) == ("REFUTED", ())


def test_an_equation_without_a_verdict_is_named_as_assumed():
    text = r"\begin{equation} a = x + c \end{equation} By (1), $a - c = x$."
    found = lines(text)
    assert found[0].status == "QUESTION" and found[1].given == ("(1)",)
    assert found[1].status == "PROVED"


@pytest.mark.parametrize(
    "sentence, used",
    [
        ("Substituting (3) into (5) and using ⟦a,b⟧", ["(3)", "(5)", "a", "b"]),
        ("By Eq. (3), unlike ⟦b⟧", ["(3)"]),
        ("From ⟦a⟧ we obtain ⟦b⟧:", ["a"]),
        ("⟦a⟧ implies that", ["a"]),
        ("To prove ⟦a⟧, note that, with ⟦b⟧", ["b"]),
        ("There are (2) ways, (3) of them", []),
        ("Compare this with nothing in ⟦a⟧", ["a"]),
    ],
)
def test_the_words_before_a_reference_decide(sentence, used):
    assert cited(sentence) == used


@pytest.mark.parametrize(
    "words, assumed",
    [
        ("subject to the constraint", True),
        ("Assume that", True),
        ("Normalization requires", True),
        (r"Assuming \eqref{a}, we find", False),
        ("Under this assumption we find", False),
        ("Suppose so. Then", False),
        ("Hence", False),
    ],
)
def test_words_that_assume(words, assumed):
    said = around_all(rf"\[ a = b \label{{a}} \] {words} \[ a = 2 b \]")
    assert bool(said[-1].assumed) == assumed


def around_all(text):
    tokens = read_text(text).tokens
    return list(around(tokens, document(tokens)).values())


def test_equations_have_the_numbers_that_are_printed():
    text = r"""\begin{align} a &= b \\ &= c \notag \\ d &= e \tag{7'} \\ f &= g \end{align}
    \[ a = b \] \begin{align*} a &= b \end{align*} \begin{equation}\begin{aligned} a &= b \\
    c &= d \end{aligned}\end{equation}"""
    numbers = [row.number for f in document(read_text(text).tokens).formulas for row in f.rows]
    assert numbers == ["1", "", "7'", "2", None, None, "3", ""]
    by_section = document(read_text(r"\numberwithin{equation}{section}" + text).tokens)
    assert by_section.formulas[0].rows[0].number is None


def test_a_reference_that_leads_nowhere_is_told_once():
    (problem,) = verify_paper(r"By \eqref{x} and \eqref{x}, see \ref{x}.").problems
    assert "'x' leads to no label; it stands at 3 places" in problem.message
    assert (problem.place.line, problem.place.column) == (1, 4)


def test_words_after_an_equation_count_until_the_sentence_ends():
    said = around_all(r"\[ a = b \] by (1). From (2) \[ a = c \] as $b = c$ by no word.")
    assert [one.cites for one in said] == [("(1)",), ("(2)",), ()]


def test_what_a_verdict_rests_on_is_shown_and_kept(tmp_path):
    text = (
        HEAD
        + r"Assume that \begin{equation} a - 2 b = 0 . \end{equation} By (1), \[ a / b = 2 . \]"
    )
    judge = kept_judge(Kept(tmp_path))
    report = verify_paper(text, judge=judge)
    assert verify_paper(text, judge=judge) == report
    assert "PROVED, given (1)" in table(report) and "given (1)" in report.explain()
    assert "Given (1)" in annotated(report, {"text": text}, "text")
    assert PaperReport.from_json(report.as_json()) == report
    assert report.as_json()["equations"][2]["given"] == ["(1)"]
