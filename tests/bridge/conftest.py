"""What several tests of commands read: an untrained model of a few thousand weights, a text."""

import pytest
from tiny_model import write_llama


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with an untrained Llama."""
    place = tmp_path_factory.mktemp("tiny")
    write_llama(place)
    return place


@pytest.fixture(scope="module")
def text(request, tmp_path_factory):
    """A file with the TEXT of the module."""
    file = tmp_path_factory.mktemp("text") / "text.txt"
    file.write_text(request.module.TEXT, encoding="utf-8")
    return file
