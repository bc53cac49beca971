"""Gives reconstructed events the form that the rules engine decides: facts and subjects of their time."""

from collections.abc import Mapping
from typing import Any

from vedette.events import Issue
from vedette.events.catalog import names_of
from vedette.history.event_reconstruction import ReconstructedEvent, permanent_fields
from vedette.rules.engine.engine import Subject
from vedette.search import Facts, facts_of_issue


def facts_at(event: ReconstructedEvent, body: Mapping[str, Any]) -> Facts:
    """Return the facts of the issue at the time of an event, with relative times counted from it."""
    return facts_of_issue(Issue.model_validate(event.body_at(body)), now=event.at)


def subject_at(event: ReconstructedEvent, body: Mapping[str, Any]) -> Subject:
    """Return an event in the form that the engine decides."""
    resource, _, action = event.name.partition(".")
    return Subject(event.name, facts_at(event, body), str(body["id"]), names_of(resource, action))


def permanent_facts(body: Mapping[str, Any]) -> Facts:
    """Return the permanent facts of an issue: a search that they make false never matches."""
    return facts_of_issue(Issue.model_validate(permanent_fields(body)))
