"""The actions that a rule can take, a module for each."""

from collections.abc import Mapping
from typing import Final

from vedette.rules.actions.archive import Archive
from vedette.rules.actions.assign import Assign
from vedette.rules.actions.base import Action, Intent, UnusableFileError, Work
from vedette.rules.actions.priority import SetPriority
from vedette.rules.actions.resolve import Resolve

ACTIONS: Final[Mapping[str, type[Action]]] = {each.kind: each for each in (Assign, Resolve, Archive, SetPriority)}
"""By the key that names them in a rules file."""

__all__ = ["ACTIONS", "Action", "Intent", "UnusableFileError", "Work"]
