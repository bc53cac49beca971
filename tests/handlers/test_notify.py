from collections.abc import Callable
from typing import Any

import pytest

from handlers.notify import digest, notify
from vedette import Message
from vedette.plugins.handler_settings import OwnSettingsError
from vedette.testing import SentryWorld

Example = Callable[[str], dict[str, Any]]


def test_each_channel_whose_search_fits_is_told_once(sentry_world: SentryWorld, settings_on_page: Example) -> None:
    settings = settings_on_page("notify")
    delivered = sentry_world.deliver(notify, "issue.created", settings=settings, level="fatal", title="it broke")
    ((channel, message),) = delivered.told
    assert (channel, message.colour) == ("ops", "red")
    assert message.title == f"New {sentry_world.issue.short_id}: it broke"
    assert message.link
    assert "notified ops: New" in delivered.did[0]
    assert sentry_world.deliver(notify, "issue.created", settings=settings, level="info").did == ("no search matches",)
    twice = {"send": [{"to": "ops"}, {"to": "ops", "when": "level:fatal"}]}
    gathered = sentry_world.deliver(notify, "issue.created", settings=twice | {"gather": 0.001})
    assert gathered.did == ("added to the next digest for ops",)


@pytest.mark.parametrize(("sample", "what"), [("issue.unresolved.regressed", "Regressed"), ("issue.created", "New")])
def test_what_happened_is_said(sentry_world: SentryWorld, sample: str, what: str) -> None:
    delivered = sentry_world.deliver(notify, sample, settings={"send": [{"to": "ops"}]})
    assert delivered.told[0][1].title.startswith(what)


def test_a_flood_is_the_first_message_and_one_for_all_others(sentry_world: SentryWorld) -> None:
    settings = {"send": [{"to": "ops"}]}
    first = sentry_world.deliver(notify, "issue.created", settings=settings, title="the first")
    others = [
        sentry_world.deliver(notify, "issue.created", settings=settings, title=f"number {number}", level="fatal")
        for number in range(3)
    ]
    assert [len(each.told) for each in (first, *others)] == [1, 0, 0, 0]
    assert "next digest for ops" in others[0].did[0]
    (waiting,) = first.later
    assert waiting.after == 60
    ((_, told),) = waiting.run().told
    assert (told.title, told.colour) == ("3 more issues", "red")
    assert [f"number {number}" in told.text for number in range(3)] == [True] * 3
    ended = waiting.run()
    assert (ended.told, ended.later) == ((), ())
    assert len(sentry_world.deliver(notify, "issue.created", settings=settings, title="after").told) == 1


def test_one_that_was_kept_alone_is_told_as_itself_and_many_are_counted() -> None:
    assert digest([Message("alone")], 0) == Message("alone")
    many = digest([Message(f"number {number}") for number in range(200)], 50)
    assert many.title == "250 more issues"
    assert many.text.endswith("and 235 others")


@pytest.mark.parametrize(
    "settings",
    [{"send": []}, {"send": [{"to": "ops", "when": "level:"}]}, {"send": [{"to": "ops"}], "gather": "soon"}],
)
def test_settings_that_cannot_work_are_refused(sentry_world: SentryWorld, settings: dict[str, Any]) -> None:
    with pytest.raises(OwnSettingsError):
        sentry_world.deliver(notify, "issue.created", settings=settings)
