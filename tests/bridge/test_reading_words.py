"""The author's word: a short block of declarations answers the questions of a paper as printed.

A false word must not let a false equation pass.
"""

import pytest

from benchmarks.papers import MATERIAL, of_printed, with_words
from bridge.reading import verify_paper
from bridge.reading.claims import read_paper

PRINTED, WORDS = MATERIAL / "printed", MATERIAL / "words"
CANONICAL = r"""
% porism: T > 0
% porism: k > 0
% porism: E_i real, i = 1..M
\[ Z = \sum_i e^{-E_i/(kT)}, \qquad p_i = e^{-E_i/(kT)}/Z \]
"""


def said(paper):
    return read_paper(paper).said


def status(word, equation, head=CANONICAL):
    found = verify_paper(f"% porism: {word}{head}\\[ {equation} \\]\n")
    return found.lines[-1].status


def names():
    return sorted(path.stem for path in WORDS.glob("*.txt"))


def test_a_block_says_only_what_its_author_would():
    assert names() == sorted(p.stem for p in PRINTED.glob("*.tex") if p.stem in names())
    for path in WORDS.glob("*.txt"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert 0 < len(lines) <= 5 and all(line.startswith("% porism: ") for line in lines)


@pytest.mark.parametrize("name", names())
def test_with_the_word_nothing_is_a_question_but_what_is_no_finite_sum(name):
    text = (WORDS / f"{name}.txt").read_text(encoding="utf-8")
    text += (PRINTED / f"{name}.tex").read_text(encoding="utf-8")
    asked = [one.latex for one in said(text) if one.kind in ("question", "unread")]
    assert all("Omega" in latex for latex in asked)
    assert len(asked) < len([x for x in said(PRINTED / f"{name}.tex") if x.kind == "question"])


@pytest.mark.parametrize("name", names())
def test_every_question_names_the_declaration_that_answers_it(name):
    for one in said(PRINTED / f"{name}.tex"):
        if one.kind == "question" and "Omega" not in one.latex:
            assert "Declare it: % porism: " in one.message, one.message


def test_the_measurement_puts_the_word_before_the_text():
    told = with_words(PRINTED, WORDS, ("kaedon_canonical",))
    assert [e.name for e in told] == [f"kaedon_canonical:{n}" for n in (12, 15, 19, 23, 27)]
    assert [e.read for e in told] == [False, True, True, True, True]
    assert all(figure.met for figure in of_printed("told", told))
    (false,) = (e for e in told if e.truth == "false")
    assert false.refuted and not false.accepted


@pytest.mark.parametrize("word", ["E = 3", "E real", "E = \\sum_i E_i", "E averages E_i over E"])
def test_a_false_word_does_not_make_the_false_equation_pass(word):
    heat = r"\frac{\partial E}{\partial T} = - \frac{1}{kT^2} \Big(\sum_i p_i E_i^2 - U^2\Big)"
    found = status(word, r"U = \sum_i p_i E_i, \quad " + heat)
    assert found in ("REFUTED", "QUESTION")


@pytest.mark.parametrize(
    "word, equation, verdict",
    [
        ("E averages E_i over p", r"E = \sum_i p_i E_i", "PROVED"),
        ("E = \\sum_i p_i E_i", r"k T^2 \frac{\partial E}{\partial T} = \sum_i p_i (E_i - E)^2",
         "PROVED"),
        ("U averages E_i over p", r"U = -k T \ln Z", "REFUTED"),
        ("C = \\partial U / \\partial T", r"U = \sum_i p_i E_i, \quad C = 0", "REFUTED"),
    ],
)  # fmt: skip
def test_a_name_stands_for_what_its_author_says(word, equation, verdict):
    assert status(word, equation) == verdict


def test_a_sign_sums_or_averages_as_declared():
    paper = "% porism: X, Y random with joint p(x, y)\n% porism: {}\n% porism: {}\n\\[ {} \\]"
    claim = r"I(X, Y) = E_x E_y \left\{ p(x, y) \log \frac{p(x, y)}{p(x) p(y)} \right\}"
    sums = paper.format("E_x sums over x", "E_y = sum_y", claim)
    means = paper.format("E_x averages over p_X", "E_y averages over p_Y", claim)
    assert [verify_paper(text).lines[0].status for text in (sums, means)] == ["PROVED", "REFUTED"]


def test_a_declaration_waits_for_what_the_paper_defines_and_says_so_in_the_end():
    (problem,) = read_paper("% porism: C = 2 Q\n\\[ a = 1 + 1 \\]\n").problems
    assert "waits for" in problem.message and problem.place.line == 1


@pytest.mark.parametrize(
    "words, told",
    [
        (("T > 0", "T < 0"), "negative and not negative"),
        (("p_i > 0, sum p_i = 1", "sum p_i = 2"), "its sum is 1"),
    ],
)
def test_words_that_contradict_each_other_are_an_error(words, told):
    text = "".join(f"% porism: {word}\n" for word in words)
    (problem,) = read_paper(text).problems
    assert told in problem.message


def test_what_no_point_meets_proves_nothing():
    text = "% porism: a real, b real\n% porism: a < b\n% porism: b < a\n"
    found = verify_paper(text + "\\[ a + 1 \\ge b + 1 \\]\\[ (a + b)^2 = a^2 + 2ab + b^2 \\]\n")
    assert [line.status for line in found.lines] == ["UNKNOWN", "PROVED"]
    assert "contradictory" in found.lines[0].detail


def test_what_stands_in_a_list_before_an_inequality_is_bounded_as_well():
    text = "% porism: a > 0\n\\[ a^2, 2a \\le 3a \\]\n"
    assert [one.latex.replace(" ", "") for one in said(text)] == ["a^2\\le3a", "2a\\le3a"]
