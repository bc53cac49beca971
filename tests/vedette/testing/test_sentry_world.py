"""The plugin's fixture, used as an author would."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import BaseModel

from vedette import AccessDenied, Context, Event, Sentry, every, on, provide
from vedette.authoring.decorators import NotAHandlerError
from vedette.events.samples import SamplePathError
from vedette.permissions.grants import Grant
from vedette.plugins.author_errors import ForgottenAwaitError, UnexpectedExitError
from vedette.plugins.handler import UnknownParameterError
from vedette.plugins.handler_settings import OwnSettingsError
from vedette.testing import SentryWorld
from vedette.testing.delivery import UnusedReplacementError


class Own(BaseModel):
    words: str = "Seen"


@on("issue.created", when="level:fatal", needs=("event:write",))
async def alarm(event: Event, sentry: Sentry, ctx: Context, settings: Own) -> None:
    await sentry.issues.set_priority(event, "low")
    await sentry.issues.comment(event, settings.words)
    ctx.note("done")


def test_a_handler_changes_the_simulated_sentry_and_its_audit_says_how(sentry_world: SentryWorld) -> None:
    delivered = sentry_world.deliver(alarm, "issue.created", level="fatal", settings={"words": "Ahoy"})
    assert delivered.error is None
    assert delivered.ran
    assert sentry_world.issue.priority == "low"
    assert [comment.text for comment in sentry_world.issue.comments] == ["Ahoy"]
    label = sentry_world.issue.short_id
    assert delivered.did == (f"set priority of {label} to low", f"commented on {label}", "done")
    assert delivered.decisions == ["granted by [handlers.alarm.grant]"] * 2


@pytest.mark.parametrize(("sample", "told"), [("issue.created", "level"), ("issue.resolved", "issue.resolved")])
def test_what_it_does_not_ask_for_is_said(sentry_world: SentryWorld, sample: str, told: str) -> None:
    delivered = sentry_world.deliver(alarm, sample)
    assert not delivered.ran
    assert told in delivered.why_not


def test_grants_and_modes_hold_as_in_production(sentry_world: SentryWorld) -> None:
    denied = sentry_world.deliver(alarm, "issue.created", grant=Grant(), level="fatal")
    assert isinstance(denied.error, AccessDenied)
    observed = sentry_world.deliver(alarm, "issue.created", mode="observe", level="fatal")
    assert "would have set priority" in observed.did[0]
    assert not sentry_world.issue.comments
    assert denied.denied == ["its grant does not hold event:read"]
    assert (denied.sent, denied.held_back) == ([], [])
    label = sentry_world.issue.short_id
    assert observed.held_back == [f"set priority of {label} to low", f"commented on {label}"]
    acted = sentry_world.deliver(alarm, "issue.created", level="fatal")
    assert (acted.sent, acted.denied) == (observed.held_back, [])


def test_a_misspelt_override_fails(sentry_world: SentryWorld) -> None:
    with pytest.raises(SamplePathError):
        sentry_world.deliver(alarm, "issue.created", levle="fatal")
    assert sentry_world.deliver(alarm, "issue.created", level="fatal", actor__name="Ann").ran


def test_a_function_without_on_is_refused(sentry_world: SentryWorld) -> None:
    async def plain() -> None: ...

    with pytest.raises(NotAHandlerError, match="write @on"):
        sentry_world.deliver(plain, "issue.created")


@on("issue.created")
async def patient(ctx: Context) -> None:
    if ctx.reminder is None:
        for _ in range(2):
            await ctx.later("30m", "look", {"n": 1})
    elif ctx.reminder.data["n"] < 3:
        ctx.note(f"{ctx.reminder.name} {ctx.reminder.data['n']}")
        await ctx.later("1h", "look", {"n": ctx.reminder.data["n"] + 1})


@on("issue.created")
def plain(ctx: Context) -> None:
    ctx.note(f"{ctx.later(5, 'look')}"[-11:])


def test_what_was_put_off_is_seen_and_can_be_run(sentry_world: SentryWorld) -> None:
    delivered = sentry_world.deliver(patient, "issue.created")
    (first,) = delivered.later
    assert (first.after, first.name, first.data) == (1800, "look", {"n": 1})
    (second,) = first.run().later
    assert second.after == 3600
    last = second.run()
    assert (last.did, last.later[0].data) == (("look 2",), {"n": 3})
    assert last.later[0].run().later == ()


def test_a_plain_handler_puts_off_without_await(sentry_world: SentryWorld) -> None:
    delivered = sentry_world.deliver(plain, "issue.created")
    assert delivered.error is None
    assert [one.name for one in delivered.later] == ["look"]
    assert delivered.did == (":plain@look",)


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [("a b", None, "letters, digits"), ("x", {"at": object()}, "JSON"), ("x", {"at": "y" * 20_000}, "16384")],
)
def test_what_cannot_be_kept_is_refused(sentry_world: SentryWorld, name: str, data: Any, told: str) -> None:
    @on("issue.created")
    async def handler(ctx: Context) -> None:
        await ctx.later(5, name, data)

    assert told in str(sentry_world.deliver(handler, "issue.created").error)


@provide
def chat(settings: Own) -> list[str]:
    return [settings.words]


@on("issue.created")
async def say(event: Event, chat: list[str], ctx: Context) -> None:
    chat.append(event.title or "")
    ctx.note(chat[0])


def test_what_a_provider_makes_can_be_made_or_replaced(sentry_world: SentryWorld) -> None:
    assert sentry_world.deliver(say, "issue.created").did == ("Seen",)
    assert sentry_world.deliver(say, "issue.created", provide_settings={"chat": {"words": "Ahoy"}}).did == ("Ahoy",)
    fake = ["a fake"]
    assert sentry_world.deliver(say, "issue.created", provide={"chat": fake}, title="Odd").did == ("a fake",)
    assert fake[1] == "Odd"


def test_a_replacement_that_nothing_takes_fails(sentry_world: SentryWorld) -> None:
    with pytest.raises(UnusedReplacementError, match="say takes chat"):
        sentry_world.deliver(say, "issue.created", provide={"chta": []})
    with pytest.raises(OwnSettingsError, match="wrods"):
        sentry_world.deliver(say, "issue.created", provide_settings={"chat": {"wrods": "x"}})

    @on("issue.created")
    async def lost(nowhere: str) -> None: ...

    with pytest.raises(UnknownParameterError):
        sentry_world.deliver(lost, "issue.created", provide={"nowhere": "x"})


@every("0 6 * * 1-5")
async def morning(event: Event, ctx: Context) -> None:
    ctx.note(event.name)


def test_a_time_of_the_clock_is_delivered_to_the_handler_that_runs_by_it(sentry_world: SentryWorld) -> None:
    assert sentry_world.deliver(morning, "schedule.due").did == ("schedule.due",)
    assert "schedule.due" in sentry_world.deliver(morning, "issue.created").why_not


def test_a_forgotten_await_fails_the_test(sentry_world: SentryWorld) -> None:
    @on("issue.created", needs=("event:write",))
    async def forgets(event: Event, sentry: Sentry) -> None:
        sentry.issues.comment(event, "Seen")  # pyright: ignore[reportUnusedCoroutine]  # the mistake

    @on("issue.created")
    def plain(event: Event) -> Any:
        async def inner() -> None: ...

        del event
        return inner()

    with pytest.raises(ForgottenAwaitError, match=r"comment\(\.\.\.\) was called without `await`"):
        sentry_world.deliver(forgets, "issue.created")
    with pytest.raises(ForgottenAwaitError, match="write `async def plain`"):
        sentry_world.deliver(plain, "issue.created")


def test_what_ends_processes_is_an_error_and_tasks_left_are_noted(sentry_world: SentryWorld) -> None:
    @on("issue.created")
    async def exits() -> None:
        sys.exit(3)

    @on("issue.created")
    async def leaves() -> None:
        left.append(asyncio.create_task(asyncio.sleep(60), name="background"))

    left: list[Any] = []
    assert isinstance(sentry_world.deliver(exits, "issue.created").error, UnexpectedExitError)
    delivered = sentry_world.deliver(leaves, "issue.created")
    assert delivered.ran
    assert delivered.did == ("left a task running, which was cancelled: background (await what a handler starts)",)


def test_a_generator_that_is_left_half_way_is_no_task_of_its_handler(sentry_world: SentryWorld) -> None:
    async def numbers() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            await asyncio.sleep(0)
            tidied.append(True)

    @on("issue.created")
    async def leaves_half_way() -> None:
        async for _ in numbers():
            break

    tidied: list[bool] = []
    assert sentry_world.deliver(leaves_half_way, "issue.created").did == ()
    assert tidied == [True]
