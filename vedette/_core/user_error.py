"""Defines the base of errors with a message for users: the problem and the next step, in a sentence or two."""

from typing import ClassVar


class UserError(Exception):
    """An error with a message for users, which is all that a command prints when it ends with one."""

    exit_code: ClassVar[int] = 1
    """The exit code of the command: 1 when a check failed, 2 for wrong usage or settings."""
