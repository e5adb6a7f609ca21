"""Windows answer for every position exactly once, with enough text before it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numeric.windows import equal_runs, windows


@st.composite
def sizes(draw):
    width = draw(st.integers(1, 12))
    return draw(st.integers(0, 60)), width, draw(st.integers(0, width - 1))


@given(sizes())
def test_every_position_is_answered_once_and_sees_enough(size):
    length, width, overlap = size
    answered = []
    for start, first, stop in windows(length, width, overlap):
        assert stop - start <= width
        assert all(t - start >= min(t, overlap) for t in range(first, stop))
        answered += range(first, stop)
    assert answered == list(range(length))


@given(sizes())
def test_runs_are_the_windows_in_order_and_equally_long(size):
    cover = windows(*size)
    runs = list(equal_runs(cover))
    assert [window for run in runs for window in run] == cover
    assert all(len({w.stop - w.start for w in run}) == 1 for run in runs)


@pytest.mark.parametrize(("width", "overlap"), [(4, 4), (4, 5), (4, -1), (0, 0)])
def test_windows_that_never_advance_are_refused(width, overlap):
    with pytest.raises(ValueError, match="overlap < width"):
        windows(10, width, overlap)
