"""Which statements a battery takes: one in eight, or all of them.

`make report` puts every statement to every oracle, the claim moved by a thousandth among them;
the batteries here say what the oracles are worth, for which a sample is enough. A statement is
in it by its name, whatever else the catalogue holds. `make test ALL=1` takes them all.
"""

import os
from collections.abc import Iterable
from zlib import crc32

ALL = bool(os.environ.get("PORISM_TEST_ALL"))


def sampled(names: Iterable[str], one_in: int = 8) -> list[str]:
    """The names in the sample, in their order."""
    return [name for name in names if ALL or crc32(name.encode()) % one_in == 0]
