"""Client of Sentry's Web API: async, typed, polite, and safe to hand to a bot."""

from vedette.api.calls import Answer, Call, Lane, Transport
from vedette.api.changes import Change, Written
from vedette.api.client import Sentry
from vedette.api.connection import SentryConnection
from vedette.api.directory import UnknownAssigneeError
from vedette.api.http import HttpOptions, HttpTransport
from vedette.api.issue_update import InvalidUpdateError, IssueUpdate
from vedette.api.memory import Memory
from vedette.api.operations import OPERATIONS, Operation, TokenKind
from vedette.api.retries import RetryingTransport, RetryPolicy
from vedette.api.tokens import Credential, UnusableTokenError, credential

__all__ = [
    "OPERATIONS",
    "Answer",
    "Call",
    "Change",
    "Credential",
    "HttpOptions",
    "HttpTransport",
    "InvalidUpdateError",
    "IssueUpdate",
    "Lane",
    "Memory",
    "Operation",
    "RetryPolicy",
    "RetryingTransport",
    "Sentry",
    "SentryConnection",
    "TokenKind",
    "Transport",
    "UnknownAssigneeError",
    "UnusableTokenError",
    "Written",
    "credential",
]
