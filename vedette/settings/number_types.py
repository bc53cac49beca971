"""Bounds the numbers of the settings, so that nothing that starts with them fails later.

Each is finite. A time is at least a millisecond, which is what Redis counts in; one that reaches a socket or a timer is
at most a day, since the system's own calls take no more than some weeks, and an age is at most ten years.
"""

from typing import Annotated, Final

from pydantic import BeforeValidator, Field

MILLISECOND: Final = 0.001
DAY: Final = 86_400.0
TEN_YEARS: Final = 3653 * DAY
MEBIBYTE: Final = 1024 * 1024
TEBIBYTE: Final = 1024**4
MOST_WRITES: Final = 1_000_000


def _no_truth_value(value: object) -> object:
    # Pydantic takes `true` for 1.
    if isinstance(value, bool):
        raise ValueError("should be a number")  # noqa: TRY004 - pydantic ties a ValueError to its setting
    return value


Whole = Annotated[int, BeforeValidator(_no_truth_value)]
"""A whole number, whose bounds its setting says."""
Timeout = Annotated[float, BeforeValidator(_no_truth_value), Field(ge=MILLISECOND, le=DAY, allow_inf_nan=False)]
"""How long something may take or is waited for, in seconds."""
Age = Annotated[float, BeforeValidator(_no_truth_value), Field(ge=MILLISECOND, le=TEN_YEARS, allow_inf_nan=False)]
"""How long something is kept or recognised, in seconds."""
MessageBytes = Annotated[int, BeforeValidator(_no_truth_value), Field(ge=1, le=256 * MEBIBYTE)]
"""A size of one message; Redis takes values of up to 512 MiB."""
Bytes = Annotated[int, BeforeValidator(_no_truth_value), Field(ge=1, le=TEBIBYTE)]
"""A size of many messages together."""
Count = Annotated[int, BeforeValidator(_no_truth_value), Field(ge=0, le=MOST_WRITES)]
"""How many writes; 0 for none."""
PositiveCount = Annotated[int, BeforeValidator(_no_truth_value), Field(ge=1, le=MOST_WRITES)]
"""How many writes, at least one."""
Share = Annotated[float, BeforeValidator(_no_truth_value), Field(ge=0.01, le=1, allow_inf_nan=False)]
"""A part of a whole, from a hundredth to all of it."""
Port = Annotated[int, BeforeValidator(_no_truth_value), Field(ge=0, le=65_535)]
"""A TCP port; 0 for a free one, or for none."""
