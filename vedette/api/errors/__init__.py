"""Everything that can go wrong with a call to Sentry, each with its data and with advice on what to do next."""

from vedette.api.errors._base import SentryError
from vedette.api.errors.error_detail import Detail, read_detail
from vedette.api.errors.permanent import (
    BadRequest,
    CallStoppedError,
    Conflict,
    Forbidden,
    NotAuthorized,
    NotFound,
    ProjectRenamed,
    Redirected,
    RouteMissing,
    TokenRefused,
    WrongToken,
)
from vedette.api.errors.transient import (
    AnswerTooLarge,
    CallsHeld,
    Gone,
    RateLimited,
    SentryTimeout,
    SentryUnreachable,
    ServerError,
    UnreadableAnswer,
)

__all__ = [
    "AnswerTooLarge",
    "BadRequest",
    "CallStoppedError",
    "CallsHeld",
    "Conflict",
    "Detail",
    "Forbidden",
    "Gone",
    "NotAuthorized",
    "NotFound",
    "ProjectRenamed",
    "RateLimited",
    "Redirected",
    "RouteMissing",
    "SentryError",
    "SentryTimeout",
    "SentryUnreachable",
    "ServerError",
    "TokenRefused",
    "UnreadableAnswer",
    "WrongToken",
    "read_detail",
]
