from collections.abc import Callable
from typing import Any

import pytest

from handlers.link_issue import link_issue
from vedette.plugins.handler_settings import OwnSettingsError
from vedette.testing import SentryWorld

Example = Callable[[str], dict[str, Any]]
EVERYTHING = {"when": "level:[fatal,error]", "integration": "77"}


def test_an_item_is_made_once_however_often_the_delivery_comes(
    sentry_world: SentryWorld, settings_on_page: Example
) -> None:
    settings = settings_on_page("link_issue") | {"when": "level:fatal"}
    first = sentry_world.deliver(link_issue, "issue.created", settings=settings, level="fatal")
    assert first.error is None
    label = sentry_world.issue.short_id
    (did,) = first.did
    assert f": issue {label}, integration 77, " in did
    body = first.audit[0].facts["after"]
    assert body["title"].startswith(f"{label}: ")
    assert body["repo"] == "acme/shop"
    assert "https://" in body["description"]
    again = sentry_world.deliver(link_issue, "issue.unresolved", settings=settings, level="fatal")
    assert "already" in again.did[0]
    assert len(sentry_world.issue.tracker_links) == 1


def test_an_item_that_is_there_is_linked_and_nothing_made(sentry_world: SentryWorld) -> None:
    settings = EVERYTHING | {"link_to": "SHOP-12"}
    delivered = sentry_world.deliver(link_issue, "issue.created", settings=settings)
    (did,) = delivered.did
    assert did.endswith(f": issue {sentry_world.issue.short_id}, integration 77, externalIssue SHOP-12")
    assert [link["key"] for link in sentry_world.issue.tracker_links] == ["SHOP-12"]


def test_a_description_may_be_left_out(sentry_world: SentryWorld) -> None:
    delivered = sentry_world.deliver(
        link_issue, "issue.created", settings=EVERYTHING | {"description": ""}, level="fatal"
    )
    assert delivered.error is None
    assert len(sentry_world.issue.tracker_links) == 1


def test_others_are_left_alone_at_no_cost(sentry_world: SentryWorld) -> None:
    delivered = sentry_world.deliver(link_issue, "issue.created", settings=EVERYTHING, level="info")
    assert (delivered.did, delivered.audit) == (("the search does not fit",), ())


@pytest.mark.parametrize("mode", ["observe", "propose"])
def test_held_back_nothing_is_made(sentry_world: SentryWorld, mode: Any) -> None:
    delivered = sentry_world.deliver(link_issue, "issue.created", mode=mode, settings=EVERYTHING)
    assert delivered.ran
    assert sentry_world.issue.tracker_links == []


@pytest.mark.parametrize(
    "settings",
    [{"integration": "77"}, {"when": "", "integration": "77"}, EVERYTHING | {"integration": "../x"}, {"when": "x:"}],
)
def test_settings_that_cannot_work_are_refused(sentry_world: SentryWorld, settings: dict[str, str]) -> None:
    with pytest.raises(OwnSettingsError):
        sentry_world.deliver(link_issue, "issue.created", settings=settings)
