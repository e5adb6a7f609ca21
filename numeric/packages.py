"""Optional packages: where their files are, and what to type when they are missing."""

import importlib.metadata
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from numeric.errors import ModelError


def package_folder(module: str, install: str) -> Path:
    """The folder of an installed package, which is found but not imported.

    Raises:
        ModelError: The package is not installed; the message is the command that installs it.
    """
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        raise ModelError(f"package {module} is not installed: {install}")
    return Path(found.origin).parent


@contextmanager
def importing(module: str, requirement: str) -> Iterator[None]:
    """Say how to install a package whose import fails inside the block.

    Raises:
        ModelError: An import failed.
    """
    try:
        yield
    except ImportError as error:
        raise ModelError(
            f"package {module} is needed and cannot be imported ({error}): "
            f"pip install {requirement}"
        ) from error


def version(distribution: str) -> str | None:
    """The installed version of a distribution, or None."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
