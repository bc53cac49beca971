"""Reads the reason that an agent gives for a write: one line of visible text."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from vedette._core.printable import strip_invisible

_LONGEST: Final = 200


def _one_line(text: str) -> str:
    line = " ".join(strip_invisible(text.replace("\r", " ").replace("\n", " ")).text.split())
    if not line:
        raise ValueError("give the reason in a sentence, for readers of the audit")
    return line


Reason = Annotated[
    str,
    Field(max_length=_LONGEST, description="Why, for the audit and the person who approves."),
    AfterValidator(_one_line),
]
"""The reason for a write, which is obligatory."""
