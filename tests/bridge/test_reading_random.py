"""Random variables with a joint distribution: what is read of them, proved, refuted, and asked."""

import pytest
from sympy import IndexedBase

from bridge.reading import verify_paper
from bridge.reading.claims import read_paper

TWO = "% porism: X, Y random with joint p(x, y)\n"
THREE = "% porism: X, Y, Z random with joint p(x, y, z)\n"


def line(equation, head=TWO):
    (found,) = verify_paper(f"{head}\\[ {equation} \\]\n").lines
    return found


def read(equation, head=TWO):
    reading = read_paper(f"{head}\\[ {equation} \\]\n")
    assert not reading.problems
    return reading.said[-1]


@pytest.mark.parametrize(
    "right",
    [
        r"H(X, Y) = H(X) + H(Y|X)",
        r"I(X;Y) = H(X) - H(X \mid Y)",
        r"I(X;Y) \ge 0",
        r"H(Y|X) \le H(Y)",
    ],
)
def test_what_information_theory_says_is_proved(right):
    assert line(right).status == "PROVED"


@pytest.mark.parametrize(
    "wrong",
    [
        r"H(X, Y) = H(X) - H(Y|X)",
        r"H(X, Y) = H(X) + H(X|Y)",
        r"I(X;Y) = H(X) + H(Y|X)",
        r"p(y|x) = p(x, y) / p(y)",
    ],
)
def test_slips_are_refuted_with_a_witness(wrong):
    found = line(wrong)
    assert found.status == "REFUTED" and found.witness["left"] != found.witness["right"]


@pytest.mark.parametrize(
    "equation, claim",
    [
        (r"p(x) = p_X(x)", "p_{X}(x, Y, p)"),
        (r"p(y, x) = p(x, y)", "p[x, y]"),
        (r"p_{Y|X}(y|x) = p(y|x)", "p[x, y]"),
        (r"P(X = x) = P(X_i)", "p_{X}(i, Y, p)"),
        (r"I(Y, X) = I(X;Y)", "Eq(IXY(X, Y, p), IXY(X, Y, p))"),
        (r"H(Y, X) = H(X, Y)", "Eq(HX,Y(X, Y, p), HX,Y(X, Y, p))"),
    ],
)
def test_names_mean_what_they_do_everywhere(equation, claim):
    assert claim in str(read(equation).claim)


def test_means_are_over_the_variables_that_stand_in_them():
    assert line(r"H(Y|X) = - \mathbb{E}[\log p(Y|X)]").status == "PROVED"
    assert line(r"H(Y) = - \mathbb{E}_{Y}[\log p(Y)]").status == "PROVED"
    spread = r"\mathrm{Var}(f(X)) = \mathbb{E}[f(X)^2] - \mathbb{E}[f(X)]^2"
    assert line(spread, TWO + "% porism: f(x) real\n").status == "PROVED"
    assert "what values does X take" in read(r"\mathbb{E}[X] = 0").message


def test_what_nobody_defined_is_asked_with_the_words_that_answer():
    found = read(r"H(X) \le \log 2", head="")
    assert (
        found.kind == "question" and "% porism: X random with probabilities p(x)" in found.message
    )
    found = read(r"H(X, W) \ge H(X)")
    assert found.kind == "question"
    found = read(r"H(X, W) \ge H(X)", TWO + "% porism: W random with probabilities r(w)\n")
    assert "% porism: X, W random with joint p(x, w)" in found.message


def test_entropies_are_in_the_unit_that_is_declared():
    claim = r"H(X) = -\sum_x p(x) \log_2 p(x)"
    assert "% porism: entropies in bits" in read(claim).message
    assert line(claim, TWO + "% porism: entropies in bits\n").status in ("PROVED", "SUPPORTED")
    assert line(claim, TWO + "% porism: entropies in nats\n").status == "REFUTED"


def test_three_variables():
    chain = r"I(X;Y,Z) = I(X;Y) + I(X;Z|Y)"
    assert line(chain, THREE).status in ("PROVED", "SUPPORTED")


def test_zeros_are_refused_and_the_joint_may_be_defined():
    (problem,) = read_paper(TWO + "% porism: p(x, y) >= 0\n").problems
    assert "probabilities above zero" in problem.message
    head = TWO + "% porism: a_x > 0, b_y > 0, x = 1..m, y = 1..n\n"
    paper = (
        head + r"\[ p(x, y) = \frac{a_x b_y}{\sum_{x, y} a_x b_y} \] \[ p(x) = \sum_y p(x, y) \]"
    )
    defined, margin = read_paper(paper).said
    assert (defined.kind, margin.kind) == ("definition", "claim")
    assert not margin.claim.lhs.has(IndexedBase("p", positive=True))


@pytest.mark.parametrize(
    "equation, power",
    [
        (r"\mathbb{E}[f(X)^2] = 1", "f[x]**2*p_{X}(x, Y, p)"),
        (r"\sum_x f(x)^2 = 1", "f[x]**2"),
        (r"p(x)^{3} = 1", "p_{X}(x, Y, p)**3"),
    ],
)
def test_a_power_at_brackets_is_one(equation, power):
    said = read(equation, TWO + "% porism: f(x) real\n")
    assert power in str(said.claim)


def test_what_is_written_of_a_subscript_in_capitals_is_no_index():
    paper = r"""
% porism: p_{XY}(x, y) > 0, sum p_{XY}(x, y) = 1, x = 1..m, y = 1..n
\[ p_X(x) = \sum_y p_{XY}(x,y), \qquad p_Y(y) = \sum_x p_{XY}(x,y) \]
\[ H(X) = -\sum_x p_X(x) \log p_X(x), \qquad H(X, Y) = -\sum_{x, y} p_{XY}(x,y) \log p_{XY}(x,y) \]
"""
    assert [said.kind for said in read_paper(paper).said] == ["definition"] * 4


@pytest.mark.parametrize("first", [r"{}(z)_i^2", r"{}_i(z)^2", r"{}^2(z)_i"])
def test_a_power_of_a_softmax_is_one(first):
    claim = read(
        first.format(r"\mathrm{softmax}") + " = 1", "% porism: z_i real, i = 1..V\n"
    ).claim
    assert str(claim.lhs) == "exp(2*z[i])/Sum(exp(z[i]), (i, 1, V))**2"


@pytest.mark.parametrize(
    "word, told",
    [
        ("X, Y random with joint p(x)", "2 variables, but p(x) has 1 values"),
        ("X, Y random", "X, Y random with joint p(x, y)"),
        ("entropies in bans", "expected bits or nats"),
        ("E averages", "is no name"),
    ],
)
def test_an_unclear_declaration_is_an_error_with_its_place(word, told):
    (problem,) = read_paper(f"\n% porism: {word}\n").problems
    assert told in problem.message and (problem.place.line, problem.place.column) == (2, 1)
