"""A cross-check in a process of its own, which is ended when its time is up, whatever it runs.

The process is a fresh interpreter, never a fork. It is told what to do by JSON on its standard
input, and answers by JSON in a file; what the function prints goes nowhere.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bridge.errors import BadInput

OWN_TIME = 60.0  # seconds for imports and reference values, beyond those of the function


def check_apart(place: str, against: str, options: dict[str, Any], width: int) -> dict[str, Any]:
    """The verdict on the function at a place as plain data, with `text` to be shown.

    Raises:
        BadInput: As `crosscheck` does, or the process broke down.
    """
    limit = float(options["time_limit"])
    with tempfile.TemporaryDirectory(prefix="porism-") as folder:
        answer = Path(folder) / "answer.json"
        asked = {"place": place, "against": against, "options": options, "width": width}
        command = [sys.executable, "-m", "bridge.crosschecking.apart", str(answer)]
        try:
            done = subprocess.run(
                command,
                input=json.dumps(asked),
                capture_output=True,
                text=True,
                timeout=limit + OWN_TIME,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return _timed_out(place, against, limit)
        if not answer.exists():
            told = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            raise BadInput(f"the process in which {place} ran broke down: {told[:300]}")
        found = json.loads(answer.read_text(encoding="utf-8"))
    if "mistake" in found:
        raise BadInput(found["mistake"])
    return found


def _timed_out(place: str, against: str, limit: float) -> dict[str, Any]:
    """What is said of a function that did not let its own process stop it."""
    from bridge.crosschecking.result import CrosscheckVerdict, evidence
    from bridge.verdict import Status

    told = (
        f"no verdict after {limit + OWN_TIME:g} seconds, of which the function may take "
        f"{limit:g}: it had not returned, or the machine is busy; its process was ended"
    )
    row = evidence("time", Status.UNKNOWN, told)
    name = f"{place.rpartition(':')[2]} against {against}"
    verdict = CrosscheckVerdict(name, Status.UNKNOWN, (row,))
    return {"verdict": verdict.as_json(), "text": verdict.explain()}


def main() -> None:
    """Check what standard input asks for, and write the answer to the file that is named."""
    from rich.console import Console

    from bridge.commands.app import statements_of
    from bridge.crosschecking.check import crosscheck
    from bridge.crosschecking.modules import function_of

    asked = json.loads(sys.stdin.read())
    options = dict(asked["options"])
    try:
        name = options.pop("catalogue")
        options["catalogue"] = statements_of(name) if options["laws"] else {}
        verdict = crosscheck(function_of(asked["place"]), asked["against"], **options)
        console = Console(width=asked["width"], force_terminal=False)
        with console.capture() as shown:
            console.print(verdict)
        found = {"verdict": verdict.as_json(), "text": shown.get()}
    except BadInput as error:
        found = {"mistake": str(error)}
    Path(sys.argv[1]).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
