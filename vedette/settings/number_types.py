"""Defines the bounded numbers of the settings, so that no accepted value fails at run time.

Each is finite. A time is at least a millisecond, the resolution of Redis; a timeout of a socket or a timer is at most a
day, since system calls accept no more than some weeks, and an age is at most ten years.
"""

from typing import Annotated, Final

from pydantic import BeforeValidator, Field

MILLISECOND: Final = 0.001
DAY: Final = 86_400.0
TEN_YEARS: Final = 3653 * DAY
MEBIBYTE: Final = 1024 * 1024
TEBIBYTE: Final = 1024**4
MAX_WRITES: Final = 1_000_000


def _reject_boolean(value: object) -> object:
    # Pydantic accepts `true` as 1.
    if isinstance(value, bool):
        raise ValueError("should be a number")  # noqa: TRY004 - pydantic adds the setting's name to a ValueError
    return value


Whole = Annotated[int, BeforeValidator(_reject_boolean)]
"""A whole number, with the bounds of its setting."""
Timeout = Annotated[float, BeforeValidator(_reject_boolean), Field(ge=MILLISECOND, le=DAY, allow_inf_nan=False)]
"""A timeout in seconds."""
Age = Annotated[float, BeforeValidator(_reject_boolean), Field(ge=MILLISECOND, le=TEN_YEARS, allow_inf_nan=False)]
"""A retention time or window in seconds."""
MessageBytes = Annotated[int, BeforeValidator(_reject_boolean), Field(ge=1, le=256 * MEBIBYTE)]
"""A size of one message; Redis accepts values of up to 512 MiB."""
Bytes = Annotated[int, BeforeValidator(_reject_boolean), Field(ge=1, le=TEBIBYTE)]
"""A size of many messages together."""
Count = Annotated[int, BeforeValidator(_reject_boolean), Field(ge=0, le=MAX_WRITES)]
"""A number of writes; 0 for none."""
PositiveCount = Annotated[int, BeforeValidator(_reject_boolean), Field(ge=1, le=MAX_WRITES)]
"""A number of writes, at least one."""
Share = Annotated[float, BeforeValidator(_reject_boolean), Field(ge=0.01, le=1, allow_inf_nan=False)]
"""A part of a whole, from a hundredth to all of it."""
Port = Annotated[int, BeforeValidator(_reject_boolean), Field(ge=0, le=65_535)]
"""A TCP port; 0 for a free one, or for none."""
