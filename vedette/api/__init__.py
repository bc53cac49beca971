"""Client of Sentry's Web API: async, typed, polite, and safe to hand to a bot."""

from vedette.api.assignee_lookup import UnknownAssigneeError
from vedette.api.cache import Memory
from vedette.api.call import Answer, Call, CallOptions, Lane, Transport
from vedette.api.change import Change, Written
from vedette.api.client import Sentry
from vedette.api.issue_update import InvalidUpdateError, IssueUpdate
from vedette.api.operations import OPERATIONS, Operation, TokenKind
from vedette.api.tokens import Credential, UnusableTokenError, credential
from vedette.api.transport.http import HttpOptions, HttpTransport
from vedette.api.transport.retries import RetryingTransport, RetryPolicy
from vedette.api.transport.stack import SentryConnection

__all__ = [
    "OPERATIONS",
    "Answer",
    "Call",
    "CallOptions",
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
