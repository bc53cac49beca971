"""Errors that people can act on: their text says, in a sentence or two, what is wrong and what to do next."""

from typing import ClassVar


class UserError(Exception):
    """An error whose text is for a person; where a command ends with one, that is all it prints."""

    exit_code: ClassVar[int] = 1
    """What the command ends with: 1 when something was found wrong, 2 when usage or settings are."""
