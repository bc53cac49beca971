"""Defines the actions of rules, a module for each."""

from collections.abc import Mapping
from typing import Final

from vedette.rules.actions.archive import ArchiveAction
from vedette.rules.actions.assign import AssignAction
from vedette.rules.actions.base import Action, ActionContext, EventActionContext, Intent, UnusableFileError
from vedette.rules.actions.comment import CommentAction
from vedette.rules.actions.later import LaterAction
from vedette.rules.actions.link import LinkAction
from vedette.rules.actions.merge import MergeAction
from vedette.rules.actions.notify import NotifyAction
from vedette.rules.actions.priority import PriorityAction
from vedette.rules.actions.resolve import ResolveAction
from vedette.rules.actions.review import ReviewAction, UnresolveAction
from vedette.rules.actions.seer import SeerAction

_ALL: Final[tuple[type[Action], ...]] = (
    *(
        AssignAction,
        ResolveAction,
        ArchiveAction,
        UnresolveAction,
        PriorityAction,
        ReviewAction,
        CommentAction,
        LinkAction,
        NotifyAction,
        SeerAction,
        MergeAction,
        LaterAction,
    ),
)

ACTIONS: Final[Mapping[str, type[Action]]] = {each.kind: each for each in _ALL}
"""By the key that names them in a rules file."""

__all__ = ["ACTIONS", "Action", "ActionContext", "EventActionContext", "Intent", "LaterAction", "UnusableFileError"]
