"""Cross-checks in pytest: a marker and a fixture; installed with porism, found by pytest.

    @pytest.mark.porism(against="entropy")
    def test_entropy():
        return my_entropy

    def test_both(crosscheck):
        crosscheck(my_entropy, "entropy")
        crosscheck(my_divergence, "kl_divergence", gradients=False)

Nothing heavy is imported before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from bridge.crosschecking.result import CrosscheckVerdict

MARKER = (
    "porism(against, **options): the function that the test returns, or that it hands to the "
    "fixture `crosscheck`, is held against a quantity of the theory; the options are those of "
    "bridge.crosscheck"
)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def crosscheck(request: pytest.FixtureRequest) -> Callable[..., CrosscheckVerdict]:
    """Hold a function against a quantity; the test fails where it is not SUPPORTED.

    Arguments that are not given are those of the marker `porism`, if the test has one.
    """
    marker = request.node.get_closest_marker("porism")
    options = dict(marker.kwargs) if marker is not None else {}

    def check(function: Callable[..., Any], against: str = "", **given: Any) -> CrosscheckVerdict:
        __tracebackhide__ = True
        return _checked(
            function, {**options, **({"against": against} if against else {}), **given}
        )

    return check


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Check the function that a marked test returns; a test with the fixture runs as it is."""
    marker = pyfuncitem.get_closest_marker("porism")
    if marker is None or "crosscheck" in pyfuncitem.fixturenames:
        return None
    __tracebackhide__ = True
    names = pyfuncitem._fixtureinfo.argnames
    function = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
    if not callable(function):
        pytest.fail(
            f"{pyfuncitem.name} is marked porism and returns {function!r}; expected it to return "
            "the function to be checked, or to take the fixture `crosscheck`",
            pytrace=False,
        )
    _checked(function, dict(marker.kwargs))
    return True


def _checked(function: Callable[..., Any], options: dict[str, Any]) -> CrosscheckVerdict:
    """The verdict, if it supports the function; else the test fails and says why."""
    __tracebackhide__ = True
    from bridge.crosschecking.check import crosscheck as check
    from bridge.errors import BadInput

    if "against" not in options:
        pytest.fail("porism: expected against=NAME, such as against='entropy'", pytrace=False)
    try:
        verdict = check(function, **options)
    except BadInput as error:
        pytest.fail(f"porism: {error}", pytrace=False)
    if not verdict:
        pytest.fail(verdict.explain(), pytrace=False)
    return verdict
