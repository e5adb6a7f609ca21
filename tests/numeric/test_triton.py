"""The CUDA kernel, run by Triton's interpreter on the CPU and compiled for real devices."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import numeric

pytest.importorskip("triton", reason="needs the package triton")

ROOT = Path(__file__).parents[2]
PREAMBLE = """
import torch, numeric
x = 3 * torch.randn(4, 3000, generator=torch.Generator().manual_seed(0))
x[1, ::3], x[2, 5], x[3] = -torch.inf, x[2].max(), x[3] + 1000
t = torch.tensor([0.5, 1.0, 7.0])
"""
VALUES = """
for temperatures in (t, t.expand(4, 3) * torch.tensor([[1.0], [2.0], [0.7], [1.1]]), 0.8):
    a = numeric.thermodynamics(x, temperatures, backend="triton")
    b = numeric.thermodynamics(x.double(), torch.as_tensor(temperatures).double(), backend="torch")
    for name in ("entropy", "heat_capacity", "log_partition", "internal_energy"):
        fast, slow = getattr(a, name), getattr(b, name)
        gap = 30 / torch.as_tensor(temperatures).min()
        error = (fast.double() / slow - 1).abs().max()
        assert fast.dtype == torch.float32 and error <= 2 * 1.2e-7 * (1 + gap), (name, error)
    for order in (3, 4):
        fast = numeric.thermodynamics(x, temperatures, order=order, backend="triton").state
        slow = numeric.thermodynamics(
            x.double(), torch.as_tensor(temperatures).double(), order=4, backend="torch"
        ).state
        assert fast.order == order and torch.equal(fast.weight, a.state.weight)
        for name, n in (("third", 3), ("fourth", 4))[: order - 2]:
            size = slow.fourth ** (n / 4)  # at least E|z|^n
            error = (getattr(fast, name).double() - getattr(slow, name)).abs() / size
            assert error.max() <= 2 * n * 1.2e-7 * (1 + gap), (name, error)
many = torch.linspace(0.3, 4, 70)
a = numeric.thermodynamics(x, many, backend="triton").entropy
b = numeric.thermodynamics(x.double(), many.double(), backend="torch").entropy
assert (a.double() / b - 1).abs().max() <= 2 * 1.2e-7 * (1 + 100)
half = numeric.thermodynamics(x.bfloat16(), t, backend="triton").entropy
assert torch.equal(half, numeric.thermodynamics(x.bfloat16().float(), t, backend="triton").entropy)
"""
ERRORS = """
for value, message in ((torch.nan, "nan in row 2"), (torch.inf, "inf in row 2")):
    y = x.clone()
    y[2, 2999] = value
    try:
        numeric.thermodynamics(y, t, backend="triton")
    except ValueError as error:
        assert message in str(error), error
    else:
        raise AssertionError(message)
"""
COMPILED = """
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from numeric.backends.triton_kernel import moments_kernel as kernel
types = ["*fp32"] * 8 + ["i32"] * 3 + ["constexpr"] * 3
for capability, order in ((80, 2), (80, 4), (90, 2), (90, 4)):
    source = ASTSource(
        kernel,
        signature=dict(zip(kernel.arg_names, types, strict=True)),
        constexprs={"BLOCK": 1024, "GRID": 16, "ORDER": order},
    )
    binary = triton.compile(source, target=GPUTarget("cuda", capability, 32)).asm
    assert f"sm_{capability}" in binary["ptx"] and len(binary["cubin"]) > 1000
"""


def run(code: str, **environment: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr[-2000:]


def test_the_interpreted_kernel_agrees_with_the_reference():
    run(PREAMBLE + VALUES + ERRORS, TRITON_INTERPRET="1")


@pytest.mark.parametrize(
    "right, wrong", [("/ slow", "/ (1.0001 * slow)"), ("- getattr(slow", "- 1.001 * getattr(slow")]
)
def test_the_check_can_fail(right, wrong):
    with pytest.raises(AssertionError, match=r"AssertionError: \('(entropy|third)'"):
        run(PREAMBLE + VALUES.replace(right, wrong), TRITON_INTERPRET="1")


@pytest.mark.slow
def test_it_compiles_to_ptx_and_cubin_for_sm_80_and_sm_90():
    run(COMPILED, TRITON_INTERPRET="0")


def test_what_it_does_not_serve_is_said():
    with pytest.raises(ValueError, match="'triton' does not serve tensors on cpu"):
        numeric.thermodynamics(torch.zeros(2, 3), 1.0, backend="triton")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_the_kernel_on_a_gpu_agrees_with_the_reference():
    x = 3 * torch.randn(64, 50257, generator=torch.Generator().manual_seed(0))
    a = numeric.thermodynamics(x.cuda(), [0.5, 1.0, 2.0], backend="triton").entropy.cpu()
    b = numeric.thermodynamics(x.double(), [0.5, 1.0, 2.0], backend="torch").entropy
    assert (a.double() / b - 1).abs().max() <= 2 * 1.2e-7 * (1 + 60)
