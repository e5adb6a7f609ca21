"""Devices and dtypes as users write them."""

import torch

from numeric.errors import InputError

DTYPES = (torch.float64, torch.float32, torch.bfloat16, torch.float16)


def as_device(device: str | torch.device | None) -> torch.device:
    """None or "auto" is CUDA where there is one, else the CPU; MPS only where it is asked for.

    Raises:
        InputError: No such device, or this PyTorch does not see it.
    """
    if device is None or device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except RuntimeError as error:
        raise InputError(f"expected device auto, cpu, cuda or mps, got {device!r}") from error
    available = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if chosen.type not in available:
        raise InputError(f"expected device auto, cpu, cuda or mps, got {device!r}")
    count = torch.cuda.device_count() if chosen.type == "cuda" else 1
    if not available[chosen.type] or (chosen.index or 0) >= count:
        seen = ", ".join(kind for kind, present in available.items() if present)
        raise InputError(
            f"device {str(chosen)!r} is not available: PyTorch {torch.__version__} sees {seen} "
            f"and {torch.cuda.device_count()} CUDA devices"
        )
    return chosen


def as_dtype(dtype: str | torch.dtype | None, device: torch.device) -> torch.dtype | None:
    """float64, float32, bfloat16 or float16 by value or name; None stays None.

    Raises:
        InputError: Another dtype, or one that the device lacks.
    """
    if dtype is None:
        return None
    chosen = getattr(torch, dtype, None) if isinstance(dtype, str) else dtype
    if chosen not in DTYPES:
        raise InputError(f"expected float64, float32, bfloat16 or float16, got {dtype!r}")
    if device.type == "mps" and chosen == torch.float64:
        raise InputError("device 'mps' has no float64: ask for float32, or for device 'cpu'")
    return chosen
