"""Answers with titles of issues, or whole events, hold text that anyone may write who can send events."""

import pytest

from vedette.access.agents.untrusted_text import shows_untrusted_text
from vedette.api.operations import OPERATIONS


@pytest.mark.parametrize("name", ["issues.search", "events.stored", "alerts.history", "apps.webhook_requests"])
def test_text_from_events_is_known_as_such(name: str) -> None:
    assert shows_untrusted_text(OPERATIONS[name])


@pytest.mark.parametrize("name", ["teams.list", "alerts.workflows", "projects.get", "organizations.get"])
def test_text_of_people_is_none(name: str) -> None:
    assert not shows_untrusted_text(OPERATIONS[name])
