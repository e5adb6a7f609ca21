"""Batches that do not fit are halved, and nothing else is swallowed."""

import pytest
import torch

from numeric.errors import ModelError
from numeric.memory import in_batches


def allocate_too_much():
    return torch.empty(2**60, dtype=torch.uint8)


def test_pytorch_still_says_what_is_recognized():
    with pytest.raises(RuntimeError, match="can't allocate memory"):
        allocate_too_much()


@pytest.mark.parametrize("shortage", [None, torch.OutOfMemoryError("CUDA"), MemoryError()])
def test_a_batch_that_does_not_fit_is_halved(shortage):
    tried = []

    def compute(start, stop):
        tried.append(stop - start)
        if stop - start > 3:
            if shortage is None:
                allocate_too_much()
            else:
                raise shortage
        return range(start, stop)

    ranges = list(in_batches(compute, 10, 8, item="one"))
    assert [i for part in ranges for i in part] == list(range(10))
    assert tried == [8, 4, 2, 2, 2, 2, 2]


def test_one_item_that_does_not_fit_is_an_error_of_one_line():
    with pytest.raises(ModelError, match="not enough memory for one row") as caught:
        list(in_batches(lambda start, stop: allocate_too_much(), 10, 8, item="one row"))
    assert "\n" not in str(caught.value)


def test_other_errors_pass_through():
    def compute(start, stop):
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes do not match"):
        list(in_batches(compute, 10, 8, item="one"))
