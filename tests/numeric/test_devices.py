"""Devices and dtypes as users write them."""

import pytest
import torch

from numeric.devices import as_device, as_dtype
from numeric.errors import InputError

CPU = torch.device("cpu")


@pytest.mark.parametrize("device", [None, "auto"])
def test_the_default_is_cuda_or_else_the_cpu(device):
    assert as_device(device).type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_mps_is_never_taken_unasked(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert as_device("auto") == CPU
    assert as_device("mps").type == "mps"


def test_mps_has_no_float64():
    with pytest.raises(InputError, match="'mps' has no float64"):
        as_dtype("float64", torch.device("mps"))


@pytest.mark.parametrize("device", ["gpu", "", "cuda:99", "xpu", "meta", "cpu:x"])
def test_devices_that_are_not_there_are_refused(device):
    with pytest.raises(InputError, match="device"):
        as_device(device)


def test_a_dtype_may_be_a_name_or_a_value():
    assert as_dtype("bfloat16", CPU) is torch.bfloat16
    assert as_dtype(torch.float64, CPU) is torch.float64
    assert as_dtype(None, CPU) is None


@pytest.mark.parametrize("dtype", ["int64", torch.int8, "Tensor", 32, torch.complex64])
def test_other_dtypes_are_refused(dtype):
    with pytest.raises(InputError, match="expected float64, float32, bfloat16 or float16"):
        as_dtype(dtype, CPU)
