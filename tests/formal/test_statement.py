import subprocess
import sys
from dataclasses import replace

import pytest
from sympy import Derivative, Eq, Ge, IndexedBase, Le, Sum, Symbol, exp, log

from formal import ClaimError, Source, Statement, definition, identity, statements
from formal.boltzmann import E, F, S, T, U, entropy, free_energy, heat_capacity
from formal.symbols import V, i

HERE = Source("porism", "", "derived")


def test_the_claim_is_not_evaluated():
    positive = Symbol("x", positive=True)

    @identity(HERE, item="x")
    def positive_nonneg():
        """A positive number is nonnegative."""
        return Ge(positive, 0)

    assert isinstance(positive_nonneg.claim, Ge)


def test_the_printed_form_keeps_the_authors_order():
    @identity(HERE, item="x")
    def reversed_terms():
        """The same claim, written the other way round."""
        return Eq(F, -S * T + U)

    assert reversed_terms.latex == "F = -S T + U"
    assert (
        statements()["free_energy_eq_internal_energy_sub_temperature_mul_entropy"].latex
        == "F = U - T S"
    )


def test_a_claim_that_is_no_relation_is_refused():
    with pytest.raises(ClaimError, match="expected a relation"):

        @identity(HERE, item="x")
        def no_relation():
            """Not a claim."""
            return F + U


def test_a_claim_that_is_decided_is_refused():
    with pytest.raises(ClaimError, match="already decided"):

        @identity(HERE, item="x")
        def decided():
            """Decided by SymPy before anyone looked."""
            from sympy import true

            return true


def test_a_statement_without_a_sentence_is_refused():
    with pytest.raises(ClaimError, match="docstring"):

        @identity(HERE, item="x")
        def silent():
            return Eq(F, U)


def test_a_definition_takes_any_argument_in_a_parameters_place():
    @definition("Q", HERE, item="x")
    def twice_energy(E, T):
        """Twice the sum of the energies over temperature."""
        return 2 * Sum(E[i] / T, (i, 1, V))

    x = IndexedBase("x", real=True)
    beta = Symbol("beta", positive=True)
    assert twice_energy(x, 1 / beta).definition() == 2 * Sum(beta * x[i], (i, 1, V))
    assert twice_energy.statement.kind == "definition"
    with pytest.raises(TypeError, match="takes 2 arguments"):
        twice_energy(x)


def test_every_statement_says_where_it_comes_from_and_what_it_covers():
    for statement in statements().values():
        assert statement.item, statement.name
        assert statement.source.key, statement.name
        assert statement.doc.endswith("."), statement.name
        assert statement.latex, statement.name


def test_an_inequality_says_where_it_is_tight():
    inequalities = [
        s
        for s in statements().values()
        if s.kind == "inequality"
        and s.topic in ("temperature", "variational", "softmax", "moduli")
    ]
    assert len(inequalities) > 15
    for statement in inequalities:
        assert statement.tight_at, statement.name


def test_the_thermodynamics_of_one_distribution_is_covered():
    covered = {item for statement in statements().values() for item in statement.item}
    wanted = {f"1:T1.{n}" for n in range(19, 26)}
    wanted |= {f"1:7.{n}" for n in (1, 2, 4, 8, 9, 21, 27)}
    wanted |= {f"1:D1.{n}" for n in range(1, 12)}
    assert wanted <= covered


def test_definitions_are_independent():
    """F is not defined by what a theorem says of it."""
    assert entropy not in {type(q) for q in free_energy.body.atoms(entropy)}
    assert not heat_capacity.body.atoms(Derivative)


def test_a_catalogue_of_another_package_loads_the_same_way(tmp_path, monkeypatch):
    package = tmp_path / "mytheory"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "cooling.py").write_text(
        "from sympy import Eq\n"
        "from formal import Source, identity\n"
        "from formal.boltzmann import F, S, T, U\n"
        "@identity(Source('me2026'), item='mine')\n"
        "def temperature_mul_entropy_eq_internal_energy_sub_free_energy():\n"
        "    '''Heat is energy that is not free.'''\n"
        "    return Eq(T * S, U - F)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    found = statements("mytheory")
    assert list(found) == ["temperature_mul_entropy_eq_internal_energy_sub_free_energy"]
    assert isinstance(found.popitem()[1], Statement)


def test_formal_imports_without_arrays():
    code = "import formal, sys; print([m for m in ('torch', 'numpy') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_notebooks_show_equations():
    statement = statements()["entropy_eq_neg_deriv_free_energy"]
    assert statement._repr_latex_() == r"$\displaystyle S = -\frac{\partial F}{\partial T}$"
    assert "Entropy is minus" in statement._repr_html_()
    assert F._repr_latex_() == r"$\displaystyle F$"


def test_notebooks_show_bold_and_no_asterisks():
    html = statements()["kl_divergence_nonneg"]._repr_html_()
    assert "<b>Gibbs' inequality</b>" in html and "**" not in html


def test_notebooks_do_not_take_a_relation_for_a_tag():
    html = replace(statements()["kl_divergence_nonneg"], doc="Where a <b> c.")._repr_html_()
    assert "Where a &lt;b&gt; c." in html


def test_a_definition_does_not_differentiate_by_its_parameter():
    with pytest.raises(ClaimError, match="differentiate by its own parameter T"):

        @definition("D", HERE, item="test")
        def slope(E, T):
            """The slope of the partition function."""
            return Derivative(Sum(exp(-E[i] / T), (i, 1, V)), T)

    assert str(Le(log(exp(F)), U, evaluate=False))
    assert E.is_commutative


def test_no_statement_says_that_something_is_itself():
    """SymPy may cancel what a declaration builds, and the claim then says nothing."""
    said = [
        s
        for s in statements().values()
        if s.kind in ("identity", "inequality") and s.claim is not None
    ]
    assert [s.name for s in said if s.claim.args[0] == s.claim.args[1]] == []
