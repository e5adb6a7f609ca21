"""Running what somebody else wrote, for no longer than a time limit.

It runs on a thread of its own, so that the caller always comes back in time. A signal would not
stop compiled code, and a fork of a process in which OpenMP has run may deadlock. When time is up
an exception is raised in that thread, which ends loops of Python; compiled code that never
returns keeps its thread until the process ends. Code that holds Python's global lock for ever can
be stopped from outside only: the command line runs each check in a process of its own.
"""

import ctypes
import io
import threading
from collections.abc import Callable
from contextlib import redirect_stdout
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, TypeVar

Result = TypeVar("Result")
NOTICE = 0.2  # seconds that an interrupted loop has to end


class TimeLimit(Exception):
    """The function had not returned when the time was up."""


class Quits(Exception):
    """The function asked Python to end."""


class _Interrupted(BaseException):
    """Raised inside a function whose time is up; a bare `except Exception` does not stop it."""


class Patience:
    """A thread on which calls are made one after the other, until a time limit is reached."""

    def __init__(self, seconds: float):
        """Calls that may take some seconds, all of them together, and nothing else counted."""
        self.seconds = seconds
        self.called = 0  # tasks that were started
        self.printed = 0  # characters that the calls wrote to standard output
        self._left = seconds
        self._tasks: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._results: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, daemon=True, name="porism-crosscheck")
        self._thread.start()

    def run(self, task: Callable[[], Result]) -> Result:
        """What a task returns, or raises.

        Raises:
            TimeLimit: The time was up before it returned.
        """
        if self._left <= 0:
            raise TimeLimit
        said, started = io.StringIO(), monotonic()
        with redirect_stdout(said):
            self._tasks.put(task)
            self.called += 1
            try:
                value, error = self._results.get(timeout=self._left)
            except Empty:
                self._left = 0.0
                self._interrupt()
                raise TimeLimit from None
        self._left -= monotonic() - started
        self.printed += len(said.getvalue())
        if error is not None:
            raise error
        return value

    def close(self) -> None:
        """Let the thread end."""
        self._tasks.put(None)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                self._results.put((task(), None))
            except _Interrupted:
                return
            except Exception as error:
                self._results.put((None, error))
            except BaseException as error:  # SystemExit would end the caller
                self._results.put((None, Quits(f"{type(error).__name__}({error})")))

    def _interrupt(self) -> None:
        """Raise an exception in the thread, which ends a loop of Python."""
        name = ctypes.c_ulong(self._thread.ident or 0)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(name, ctypes.py_object(_Interrupted))
        self.close()
        self._thread.join(NOTICE)
