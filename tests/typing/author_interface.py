"""Types that authors of handlers rely on; pyright checks this file, nothing runs it."""

from typing import assert_type

from vedette import Change, Context, Drop, Event, Message, Notify, Reminder, Retries, Retry, Sentry, every, on, provide
from vedette.api.models.issues import Issue
from vedette.events import IssueEvent


class Mirror:
    """An object of an author's own."""


@provide
async def mirror() -> Mirror:
    return Mirror()


@on("issue.created", needs=("event:write",), retries=Retries(attempts=3), coalesce="5m", throttle="20/10s")
async def handler(event: IssueEvent, sentry: Sentry, ctx: Context, mirror: Mirror) -> None:
    assert_type(event.short_id, str | None)
    assert_type(event.issue_id, str | None)
    assert_type(ctx.attempt, int)
    assert_type(ctx.note("seen"), None)
    if event.issue_id:
        assert_type(await sentry.issues.get(event.issue_id), Issue)
        assert_type(await sentry.issues.set_priority(event.issue_id, "high"), Change)
    raise Retry(after=5)


@on("error.*")
def plain(event: Event, ctx: Context) -> None:
    assert_type(event.name, str)
    raise Drop("not ours")


@every("0 6 * * 1-5", timezone="Europe/Berlin")
async def report(notify: Notify, reminder: Reminder | None) -> None:
    await notify("ops", Message("Good morning"))
