"""Three-valued logic: a payload answers some questions with yes, some with no, and some not at all.

Counting "cannot tell" as no would let `!has:user` match every issue whose users were never looked at. Kleene's logic
keeps the doubt until something settles it: `false AND unknown` is false, `true AND unknown` stays unknown.
"""

from enum import Enum


class Verdict(Enum):
    """What a search says about a subject. Has no truth value of its own: `if verdict` would hide the third case."""

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
