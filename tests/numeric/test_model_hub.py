"""Hub ids, asked of a hub of our own on this machine: found, kept, absent, silent."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tiny_model import write_llama

from numeric.models import load_model

COMMIT = "a" * 40
NAME = "someone/tiny"


class Hub(BaseHTTPRequestHandler):
    """Serves one model, `NAME`, from a folder, as huggingface.co would."""

    folder: Path

    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def answer(self, body):
        files = {path.name: path for path in self.folder.iterdir()}
        path = self.path.split("?")[0]
        if path.startswith(f"/api/models/{NAME}/tree/"):
            tree = [
                {"type": "file", "path": name, "size": file.stat().st_size, "oid": "0" * 40}
                for name, file in files.items()
            ]
            self.reply(json.dumps(tree).encode(), body)
        elif path.startswith(f"/api/models/{NAME}"):
            siblings = [{"rfilename": name} for name in files]
            info = {"_id": "1", "id": NAME, "sha": COMMIT, "siblings": siblings}
            self.reply(json.dumps(info).encode(), body)
        elif path.startswith(f"/{NAME}/resolve/{COMMIT}/") and path.split("/")[-1] in files:
            self.reply(files[path.split("/")[-1]].read_bytes(), body)
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def reply(self, content, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, format, *args):
        pass


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """The address of a hub, and the folder it serves."""
    folder = tmp_path_factory.mktemp("hub")
    write_llama(folder)
    (folder / "pytorch_model.bin").write_bytes(b"a pickle nobody may fetch")
    handler = type("HubOfFolder", (Hub,), {"folder": folder})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()


LOAD = "print(load_model(sys.argv[1]).logits([1, 2, 3]).sum().item())"
FIND = "print(hub_folder(sys.argv[1]))"


def ask(name, home, what=FIND, **settings):
    """What another process says that looks for a hub id, with the hub's settings for it."""
    program = (
        "import sys\n"
        "from numeric.model_folder import hub_folder\n"
        "from numeric.models import ModelError, load_model\n"
        f"try:\n    {what}\n"
        "except ModelError as error:\n    print(error)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", program, name],
        env=os.environ | {"HF_HOME": str(home)} | settings,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout.strip()


def test_a_hub_id_is_downloaded_once_and_then_works_offline(hub, tmp_path):
    address, folder = hub
    said = ask(NAME, tmp_path, LOAD, HF_ENDPOINT=address, HF_HUB_OFFLINE="0")
    assert said == str(load_model(folder).logits([1, 2, 3]).sum().item())
    offline = Path(ask(NAME, tmp_path, HF_ENDPOINT=address, HF_HUB_OFFLINE="1"))
    fetched, served = offline / "model.safetensors", folder / "model.safetensors"
    assert fetched.read_bytes() == served.read_bytes()
    dead = ask(NAME, tmp_path, HF_ENDPOINT="http://127.0.0.1:9", HF_HUB_OFFLINE="0")
    assert Path(dead) == offline
    assert not (offline / "pytorch_model.bin").exists()


def test_a_model_the_hub_does_not_have(hub, tmp_path):
    said = ask("someone/other", tmp_path, HF_ENDPOINT=hub[0], HF_HUB_OFFLINE="0")
    assert said.startswith("someone/other is neither a local path nor reachable on the hub: ")
    assert "\n" not in said and "404" in said


def test_offline_means_offline(hub, tmp_path):
    said = ask(NAME, tmp_path, HF_ENDPOINT=hub[0], HF_HUB_OFFLINE="1")
    assert "neither a local path nor reachable" in said and "offline mode" in said


def test_a_silent_hub_is_given_up_soon(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        start = time.monotonic()
        said = ask(NAME, tmp_path, HF_ENDPOINT=address, HF_HUB_OFFLINE="0")
    assert "neither a local path nor reachable" in said and "\n" not in said
    assert time.monotonic() - start < 60
