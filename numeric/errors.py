"""The errors of the numeric layer: one family, so that a caller can catch all of them.

Every message is one line and says what was expected, what arrived and, where one is known, the
remedy. Arguments that are wrong *values* are also `ValueError`.
"""


class PorismError(Exception):
    """Something the numeric layer was asked for cannot be done."""


class ModelError(PorismError):
    """A language model cannot be found, read or run."""


class InputError(PorismError, ValueError):
    """An argument has a value on which the question has no answer."""


class TextError(InputError):
    """A text cannot be read, or is too short to ask a language model about."""
