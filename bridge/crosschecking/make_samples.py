"""Write the rows of real models' logits that cross-checks try functions on.

    python -m bridge.crosschecking.make_samples

Float16 keeps the file small; what the rows are for is the shape of real distributions, and every
float16 is a number of each wider dtype.
"""

import json
import pydoc_data.topics
from hashlib import sha256

import numpy as np
from safetensors.numpy import save_file

from bridge.crosschecking.samples import FILE
from numeric import load_model

ROWS = {"charlm": (40, 90, 160, 230), "smollm2": (60,)}  # positions of the text
NAMES = {"charlm": "character model", "smollm2": "SmolLM2-135M"}


def main() -> None:
    """Read the models on a text that every Python has, and write some of their rows."""
    text = pydoc_data.topics.topics["assert"]
    tensors, about = {}, {}
    for name, positions in ROWS.items():
        model = load_model(name)
        ids = model.encode(text, at_least=max(positions) + 1)[: max(positions) + 1]
        blocks = [logits.double().numpy() for _, logits in model.logits_blocks(ids)]
        rows = np.concatenate(blocks)[list(positions)]
        tensors[NAMES[name]] = rows.astype(np.float16)
        about[NAMES[name]] = {"positions": positions, **dict(model.provenance)}
    about["text"] = {"topic": "assert", "sha256": sha256(text.encode()).hexdigest()}
    save_file(tensors, FILE, {name: json.dumps(told, default=str) for name, told in about.items()})


if __name__ == "__main__":
    main()
