"""Finding statements: they count because of where they live, nothing is registered."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from formal.quantity import Quantity
from formal.statement import Statement


def statements(package: str = "formal") -> dict[str, Statement]:
    """Every statement that the modules of a package declare, by name, in order of declaration.

    A package of your own works the same way: `statements("mypkg")`.

    Raises:
        ModuleNotFoundError: No package of that name can be imported.
        ValueError: Two modules declare statements of one name.
    """
    found: dict[str, Statement] = {}
    for module in _modules(package):
        for statement in _declared(module):
            if found.setdefault(statement.name, statement) is not statement:
                first = found[statement.name].module
                raise ValueError(
                    f"two statements are called {statement.name}: "
                    f"one in {first}, one in {statement.module}"
                )
    return found


def _modules(package: str) -> list[ModuleType]:
    root = import_module(package)
    names = [
        f"{package}.{info.name}"
        for info in iter_modules(getattr(root, "__path__", []))
        if not info.name.startswith("_")
    ]
    return [root, *(import_module(name) for name in names)]


def _declared(module: ModuleType) -> list[Statement]:
    """Statements and definitions that this module itself declares, not those it imports."""
    own = []
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Quantity):
            value = getattr(value, "statement", None)
        if isinstance(value, Statement) and value.module == module.__name__:
            own.append(value)
    return own
