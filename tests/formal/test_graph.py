import os
import subprocess
import sys

import networkx as nx

from formal import statements
from formal.graph import foundations, uses


def test_definitions_make_no_circle():
    assert nx.is_directed_acyclic_graph(uses(statements()))


def test_free_energy_rests_on_the_partition_function():
    below = foundations(statements(), "free_energy_eq_internal_energy_sub_temperature_mul_entropy")
    assert below.index("partition_function") < below.index("probability") < below.index("entropy")
    assert "heat_capacity" not in below


def test_the_order_does_not_depend_on_hashes():
    code = (
        "from formal import statements\nfrom formal.graph import foundations\n"
        "known = statements()\nprint([foundations(known, name) for name in [*known][::20]])"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=120,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(seen) == 1
