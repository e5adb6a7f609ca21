"""Pieces of work in threads: all done once, failures reach the caller, forks are survived."""

from __future__ import annotations

import os
import threading
import time

import pytest
import torch

from numeric.backends import threads
from numeric.backends.threads import in_threads, pieces_of

PIECES = [slice(i, i + 1) for i in range(40)]


@pytest.fixture(autouse=True)
def _two_threads():
    """Also where the run gives one thread to a process."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.fixture(params=["team", "pool"])
def kind(request, monkeypatch):
    """The OpenMP team of torch, and threads of our own."""
    if request.param == "pool":
        monkeypatch.setattr(threads, "_openmp", lambda: None)
    elif threads._openmp() is None:
        pytest.skip("this torch has no GOMP_parallel")
    return request.param


@pytest.mark.usefixtures("kind")
def test_every_piece_is_done_once():
    done: list[int] = []
    in_threads(lambda piece: done.append(piece.start), PIECES)
    assert sorted(done) == list(range(len(PIECES)))


@pytest.mark.usefixtures("kind")
def test_several_threads_take_part():
    assert len(_takers()) > 1


def test_the_team_is_the_same_from_call_to_call():
    if threads._openmp() is None:
        pytest.skip("this torch has no GOMP_parallel")
    torch.rand(2**20).exp()  # torch's own threads are there
    first = _takers()
    assert first == _takers() and len(first) == torch.get_num_threads()


@pytest.mark.usefixtures("kind")
def test_a_failure_of_a_piece_is_raised_after_the_others():
    done: list[int] = []

    def work(piece: slice) -> None:
        if piece.start == 3:
            raise ValueError("row 3")
        done.append(piece.start)

    with pytest.raises(ValueError, match="row 3"):
        in_threads(work, PIECES)
    assert len(done) == len(PIECES) - 1


@pytest.mark.usefixtures("kind")
def test_callers_in_several_threads_do_not_disturb_each_other():
    done: dict[int, list[int]] = {n: [] for n in range(3)}

    def call(n: int) -> None:
        for _ in range(20):
            in_threads(lambda piece: done[n].append(piece.start), PIECES)

    callers = [threading.Thread(target=call, args=(n,)) for n in done]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(60)
    assert all(sorted(d) == sorted(20 * list(range(len(PIECES)))) for d in done.values())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_does_not_wait_for_threads_that_it_lacks():
    in_threads(lambda _: None, PIECES)
    child = os.fork()
    if child == 0:
        done: list[int] = []
        in_threads(lambda piece: done.append(piece.start), PIECES)
        os._exit(0 if len(done) == len(PIECES) else 1)
    for _ in range(200):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        time.sleep(0.05)
    else:
        os.kill(child, 9)
        os.waitpid(child, 0)
        pytest.fail("the child hangs")
    assert os.waitstatus_to_exitcode(status) == 0


@pytest.mark.parametrize("rows", [0, 1, 7, 1000])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_pieces_cover_the_rows(rows, count):
    pieces = pieces_of(rows, count, 2**20)
    assert [i for p in pieces for i in range(p.start, p.stop)] == list(range(rows))


def _takers() -> set[int]:
    """The threads that take part where every piece takes its time."""
    found: set[int] = set()

    def work(_: slice) -> None:
        found.add(threading.get_native_id())
        time.sleep(0.002)

    in_threads(work, PIECES)
    return found
