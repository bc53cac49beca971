"""Defines the three truth values of searches: a payload decides some terms, and leaves others unknown.

If unknown counted as false, `!has:user` would match every issue with unread events. Kleene's logic keeps the unknown
until another term decides: `false AND unknown` is false, `true AND unknown` stays unknown.
"""

from enum import Enum


class Verdict(Enum):
    """The result of a search. It has no truth value in Python: `if verdict` would hide the third case."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    def __and__(self, other: "Verdict") -> "Verdict":
        if self is FALSE or other is FALSE:
            return FALSE
        return TRUE if self is TRUE and other is TRUE else UNKNOWN

    def __or__(self, other: "Verdict") -> "Verdict":
        if self is TRUE or other is TRUE:
            return TRUE
        return FALSE if self is FALSE and other is FALSE else UNKNOWN

    def __invert__(self) -> "Verdict":
        if self is UNKNOWN:
            return UNKNOWN
        return FALSE if self is TRUE else TRUE

    def __bool__(self) -> bool:
        message = "a verdict is no boolean: compare with `is Verdict.TRUE`, and decide what UNKNOWN means to you"
        raise TypeError(message)


# Names of the module are found faster than attributes of the class, and every evaluation compares with them.
TRUE, FALSE, UNKNOWN = Verdict.TRUE, Verdict.FALSE, Verdict.UNKNOWN
