"""The actions that a rule can take, a module for each."""

from collections.abc import Mapping
from typing import Final

from vedette.rules.actions.archive import Archive
from vedette.rules.actions.assign import Assign
from vedette.rules.actions.base import Action, Announcing, Intent, UnusableFileError, Work
from vedette.rules.actions.comment import Comment
from vedette.rules.actions.later import Later
from vedette.rules.actions.link import Link
from vedette.rules.actions.merge import Merge
from vedette.rules.actions.notify import Notify
from vedette.rules.actions.priority import SetPriority
from vedette.rules.actions.resolve import Resolve
from vedette.rules.actions.review import Review, Unresolve
from vedette.rules.actions.seer import Seer

_ALL: Final[tuple[type[Action], ...]] = (
    *(Assign, Resolve, Archive, Unresolve, SetPriority, Review, Comment, Link, Notify, Seer, Merge, Later),
)

ACTIONS: Final[Mapping[str, type[Action]]] = {each.kind: each for each in _ALL}
"""By the key that names them in a rules file."""

__all__ = ["ACTIONS", "Action", "Announcing", "Intent", "Later", "UnusableFileError", "Work"]
