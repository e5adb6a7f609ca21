"""The cache of compiled loops: what one file inlines from another is compiled again with it."""

import subprocess
import sys
from pathlib import Path

from numeric.backends import compiled, kernels


def test_a_digest_is_of_every_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "b.py").write_text("y = 1\n")
    before = compiled.digest.__wrapped__(tmp_path)
    assert compiled.digest.__wrapped__(tmp_path) == before
    (tmp_path / "b.py").write_text("y = 2\n")
    assert compiled.digest.__wrapped__(tmp_path) != before


PROGRAM = """
from kit.outer import outer
print(outer(1.0), sum(outer.stats.cache_hits.values()))
"""


def run(folder: Path) -> str:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def kit(folder: Path, decorator: str) -> None:
    """A package of two files, one of which inlines a function of the other."""
    (folder / "kit").mkdir()
    (folder / "kit" / "__init__.py").write_text("")
    source = Path(compiled.__file__).read_text()
    (folder / "kit" / "compiled.py").write_text(source)
    write_inner(folder, "x + 1.0")
    (folder / "kit" / "outer.py").write_text(
        f"{decorator}\nfrom kit.inner import inner\n\n@kernel\ndef outer(x):\n"
        "    return inner(x)\n"
    )


def write_inner(folder: Path, formula: str) -> None:
    (folder / "kit" / "inner.py").write_text(
        f"from numba import njit\n\n@njit()\ndef inner(x):\n    return {formula}\n"
    )


def test_a_change_in_one_file_reaches_the_loops_of_another(tmp_path: Path) -> None:
    kit(tmp_path, "from kit.compiled import kernel")
    assert run(tmp_path) == "2.0 0"
    assert run(tmp_path) == "2.0 1"  # the second process compiles nothing
    write_inner(tmp_path, "x + 10.0")
    assert run(tmp_path) == "11.0 0"


def test_numba_alone_would_not_notice(tmp_path: Path) -> None:
    decorator = "import numba\nkernel = numba.njit(cache=True)"
    kit(tmp_path, decorator)
    assert run(tmp_path) == "2.0 0"
    write_inner(tmp_path, "x + 10.0")
    assert run(tmp_path) == "2.0 1"


def test_the_loops_of_this_package_are_cached_by_kernel_alone() -> None:
    folder = Path(kernels.__file__).parent
    for path in folder.glob("*.py"):
        if path.name != "compiled.py":
            text = path.read_text()
            assert "cache=True" not in text and "nogil=True" not in text, path.name
