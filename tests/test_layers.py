"""formal -> bridge <- numeric, and nothing else."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINT = Path(sys.executable).with_name("lint-imports")


def contracts(folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run([LINT], cwd=folder, capture_output=True, text=True)


@pytest.fixture
def copy(tmp_path):
    for name in ("formal", "numeric", "bridge"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_layers_are_kept():
    result = contracts(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("numeric/boltzmann.py", "import formal"),
        ("numeric/state.py", "import bridge"),
        ("formal/boltzmann.py", "import torch"),
        ("formal/moduli.py", "import numeric"),
        ("formal/proof/kernel.py", "import formal.proof.prover"),
    ],
)
def test_a_planted_import_is_seen(copy, module, line):
    with (copy / module).open("a") as file:
        file.write(f"\n{line}\n")
    assert contracts(copy).returncode != 0


def test_numeric_imports_without_theory():
    code = "import numeric, sys; print([m for m in ('formal', 'bridge') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_the_three_packages_say_one_version():
    import bridge
    import formal
    import numeric

    assert formal.__version__ == numeric.__version__ == bridge.__version__
