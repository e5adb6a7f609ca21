"""Batches that shrink until they fit into memory."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import torch

from numeric.errors import ModelError

T = TypeVar("T")


def in_batches(
    compute: Callable[[int, int], T], length: int, size: int, *, item: str
) -> Iterator[T]:
    """Yield compute(start, stop) over consecutive ranges of at most `size` of 0..length-1.

    A range that does not fit into memory is halved and tried again; the smaller size is kept for
    what follows. `item` says in the error what one of them is.

    Raises:
        ModelError: A range of one item does not fit.
    """
    start = 0
    while start < length:
        stop = min(start + size, length)
        try:
            result = compute(start, stop)
        except (RuntimeError, MemoryError) as error:
            if not is_shortage(error):
                raise
            if stop - start == 1:
                raise ModelError(f"not enough memory for {item}: {_line(error)}") from None
            size = (stop - start) // 2
            # Leaving this block drops the traceback, and with it the tensors of the failed try.
            continue
        yield result
        start = stop


def is_shortage(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on a GPU or on the CPU."""
    # PyTorch's CPU allocator raises a plain RuntimeError; its text is all that tells it apart.
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    )


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
