"""Typed answers of Sentry's Web API, a module per group."""

from vedette.api.models._base import SentryModel
from vedette.api.models.issues import Comment, Inbox, Issue, ProjectRef, SuspectedOwner
from vedette.api.models.people import Actor, Member, Team, User

__all__ = [
    "Actor",
    "Comment",
    "Inbox",
    "Issue",
    "Member",
    "ProjectRef",
    "SentryModel",
    "SuspectedOwner",
    "Team",
    "User",
]
