"""Writes docs/status.json: what is proved, on which hypotheses it rests, which items are covered.

Run it as `python docs/generate_status.py` after the catalogue or the prover has changed; it takes
a minute or two. No times are in it, so that it changes only where the mathematics does.
"""

import json
from pathlib import Path

from bridge.audit import status_record
from formal import statements


def text() -> str:
    """The file as it should be."""
    return json.dumps(status_record(statements()), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    target = Path(__file__).parent / "status.json"
    target.write_text(text(), encoding="utf-8", newline="\n")
