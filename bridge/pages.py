"""Templates of pages: what is put into them is escaped, and what is missing is an error."""

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined


def templates(package: str) -> Environment:
    """The templates that lie in a package, and those that all pages share."""
    places = [PackageLoader(name, package_path="") for name in (package, "bridge")]
    return Environment(
        loader=ChoiceLoader(places),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
