"""The cursor of a listing: where its next page begins, as an opaque text."""

import base64
import binascii
from dataclasses import dataclass

from vedette._core.user_error import UserError

_LONGEST = 1000
_DIGITS = 14


class InvalidCursorError(UserError):
    """A text that is no cursor."""

    exit_code = 2

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__("the cursor is not one that a listing gave: begin again without it")


@dataclass(frozen=True)
class Cursor:
    """The last entry that was looked at; the next page holds what is older, so that new entries do not move it."""

    time: int
    """Unix time in milliseconds."""
    member: str
    """The entry's id."""

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.time}.{self.member}".encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Read what `str` wrote.

        Raises:
            InvalidCursorError: It was not written by this.
        """
        if len(text) > _LONGEST or not text.isascii():
            raise InvalidCursorError(text)
        try:
            decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise InvalidCursorError(text) from None
        time, separator, member = decoded.partition(".")
        if not separator or not member or not (time.isascii() and time.isdigit() and len(time) <= _DIGITS):
            raise InvalidCursorError(text)
        return cls(int(time), member)
