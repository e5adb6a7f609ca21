from hypothesis import given
from hypothesis import strategies as st
from sympy import Derivative, IndexedBase, Lambda, Sum, Symbol, exp, log, symbols

from formal import component, family, unfold
from formal.boltzmann import E, T, free_energy, internal_energy, partition_function, probability
from formal.quantity import Quantity, instantiate, quantities
from formal.symbols import V, c, i, j, k

x = IndexedBase("x", real=True)


def test_unfolding_reaches_plain_sympy():
    plain = unfold(internal_energy(E, T))
    assert not list(quantities(plain))
    weights = Sum(exp(-E[i] / T), (i, 1, V))
    assert plain == Sum(exp(-E[i] / T) / weights * E[i], (i, 1, V))


def test_a_family_argument_reaches_every_component():
    scaled = unfold(partition_function(family(lambda i: c * E[i]), T))
    assert scaled == Sum(exp(-c * E[i] / T), (i, 1, V))


def test_a_bound_index_is_not_captured():
    """The component at j of a family that sums over j itself."""
    K = IndexedBase("K", real=True)
    total = Lambda(i, Sum(K[i, j], (j, 1, V)))
    at_j = component(total, j)
    inner = at_j.limits[0][0]
    assert inner != j and at_j == Sum(K[j, inner], (inner, 1, V))


def test_a_substituted_value_is_not_captured():
    body = Sum(x[i] * c, (i, 1, V))
    result = instantiate(body, {c: E[i]})
    bound = result.limits[0][0]
    assert bound != i and result == Sum(x[bound] * E[i], (bound, 1, V))


def test_a_bound_index_shadows_a_substitution():
    body = Sum(x[i], (i, 1, V)) + x[i]
    assert instantiate(body, {i: k}) == Sum(x[i], (i, 1, V)) + x[k]


def test_primed_names_avoid_those_in_use():
    prime = Symbol("i'", integer=True, positive=True)
    result = instantiate(Sum(x[i] * c, (i, 1, V)), {c: E[i] * E[prime]})
    assert result.limits[0][0] not in (i, prime)


def test_primed_names_avoid_those_of_the_body():
    prime = Symbol("i'", integer=True, positive=True)
    result = instantiate(Sum(x[i] * E[prime] * c, (i, 1, V)), {c: E[i]})
    assert result.has(E[prime]) and result.limits[0][0] not in (i, prime)


def test_the_variable_of_a_derivative_is_not_captured():
    slope = Derivative(log(Sum(exp(x[j]), (j, 1, V))), x[i])
    result = instantiate(Sum(x[i] * c, (i, 1, V)), {c: slope})
    assert result.has(slope) and result.limits[0][0] != i


@given(st.lists(st.sampled_from("ijkab"), min_size=2, max_size=2, unique=True))
def test_renaming_a_bound_index_changes_nothing(names):
    first, second = symbols(names, integer=True, positive=True)
    left = component(Lambda(first, probability(E, T, first)), k)
    right = component(Lambda(second, probability(E, T, second)), k)
    assert left == right == probability(E, T, k)


def test_quantities_are_nodes_of_the_tree():
    F = free_energy(E, T)
    assert F.func(*F.args) == F and isinstance(F, Quantity)
    assert F.subs(T, 2).args == (E, 2)
    assert str(F) == "free_energy(E, T)"
