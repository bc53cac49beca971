"""Which handlers receive a rebuilt delivery, and what they see of it."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.write_departures import note_write
from vedette._core.ids import new_identifier
from vedette.access.echo_matching import can_be_echo
from vedette.authoring.options import check_rebuilt
from vedette.events import Event, parse, samples
from vedette.events.identification import identify
from vedette.reconcile.storage import STORED_NEW, RebuiltDeliveries
from vedette.settings.settings import HandlerSettings, IntegrationSettings, Settings
from vedette.settings.tenant import tenant_of
from vedette.store.deliveries.skip_reasons import read_considered
from vedette.store.deliveries.stored_record import Rebuilt, StoredRecord
from vedette.store.runs.dead_letters import DeadLetters
from vedette.store.server.keys import run_key
from workers.dispatch.fan_out import fan_out
from workers.runtime import Runtime, make_runtime

PLUGIN = """
from vedette import Event, on

@on("issue.*")
async def recent(event: Event) -> None: ...

@on("issue.*", rebuilt="always")
async def always(event: Event) -> None: ...

@on("issue.*", rebuilt="never")
async def never(event: Event) -> None: ...

@on("issue.*", echoes=True)
async def echoing(event: Event) -> None: ...
"""
HOUR = 3_600_000


@pytest.fixture
async def runtime(redis_url: str, tmp_path: Path) -> AsyncIterator[Runtime]:
    plugin = tmp_path / "plugin.py"
    plugin.write_text(PLUGIN)
    values = {"client_secret": "s" * 32, "token": "sntryi_" + "a" * 64, "organization": "acme"}
    made = make_runtime(
        Settings(
            integrations={"default": IntegrationSettings.model_validate(values)},
            plugins=(plugin,),
            handlers={"triage": HandlerSettings(enabled=False)},
        ),
        redis_url,
    )
    yield made
    await made.close()


async def dispatched(
    runtime: Runtime, rebuilt: Rebuilt, *, sample: str = "issue.resolved.by_own_app", age: int = HOUR
) -> tuple[set[str], dict[str, str]]:
    """The handlers that a rebuilt delivery is for, and why others are not."""
    now = time.time_ns() // 1_000_000
    body = samples.wire(samples.load(sample))
    found = identify("issue", body)
    record = StoredRecord(
        id=new_identifier(now),
        key=f"default:{found.key}",
        window=1000,
        integration="default",
        source="reconcile",
        resource="issue",
        action=found.action,
        subject=found.subject,
        issue=found.issue,
        accepted=now,
        sent="",
        request_id="",
        headers="{}",
        size=len(body),
        encoding="",
        state="accepted",
        reason="",
        secret="",
        tenant=tenant_of(runtime.settings, "default"),
        recurs=found.recurs,
        occurrence=found.occurrence,
        happened=now - age,
        rebuilt=rebuilt,
    )
    assert await RebuiltDeliveries(runtime.client).submit(record, body, 0) == STORED_NEW
    await fan_out(runtime, record.id)
    summary = await runtime.deliveries.summary(record.id)
    assert summary.happened_at == datetime.fromtimestamp((now - age) / 1000, UTC)
    return set(summary.handlers or ()), await read_considered(runtime.client, record.id)


@pytest.mark.parametrize(
    ("rebuilt", "wanted"),
    [
        ("recent", {"recent", "always", "echoing"}),
        ("late", {"always"}),
        ("superseded", set[str]()),
        ("own", {"echoing"}),
    ],
)
async def test_handlers_receive_the_rebuilt_events_that_they_ask_for(
    runtime: Runtime, rebuilt: Rebuilt, wanted: set[str]
) -> None:
    handlers, left_out = await dispatched(runtime, rebuilt)
    assert handlers & {"recent", "always", "never", "echoing"} == wanted
    assert {"recent", "always", "never", "echoing"} - wanted == left_out.keys() & {
        *("recent", "always", "never", "echoing")
    }
    assert all("did not arrive" in why or "echo" in why for why in left_out.values())


@pytest.mark.parametrize("rebuilt", ["late", "superseded"])
async def test_what_was_only_recorded_is_handled_when_a_person_replays_it(runtime: Runtime, rebuilt: Rebuilt) -> None:
    await dispatched(runtime, rebuilt)
    (summary,) = await runtime.deliveries.latest()
    for handler in summary.handlers or ():
        # Its run has ended.
        await runtime.client.hset(run_key(summary.id, handler), mapping={"state": "done"})
    await DeadLetters(runtime.client).redispatch(summary.id)
    await fan_out(runtime, summary.id)
    again = await runtime.deliveries.summary(summary.id)
    assert again.rebuilt == "recent"
    assert {"recent", "always", "echoing"} <= set(again.handlers or ())


async def test_the_rebuilt_echo_of_an_own_write_is_an_echo(runtime: Runtime) -> None:
    body = samples.load("issue.resolved.by_own_app")
    event = parse("issue", body)
    assert can_be_echo(event)
    own = runtime.clients.services.own_writes
    tenant = tenant_of(runtime.settings, "default")
    await note_write(runtime.client, own, f"{tenant}:{event.issue_id}", event.names, "handler:recent")
    # An hour before the write nothing can be its echo.
    handlers, _ = await dispatched(runtime, "recent")
    assert "recent" in handlers


async def test_what_an_agent_wrote_starts_no_handler_but_those_that_ask_for_echoes(runtime: Runtime) -> None:
    event, own = parse("issue", samples.load("issue.resolved.by_own_app")), runtime.clients.services.own_writes
    issue = f"{tenant_of(runtime.settings, 'default')}:{event.issue_id}"
    await note_write(runtime.client, own, issue, ["issue.resolved"], "agent:helper")
    handlers, left_out = await dispatched(runtime, "recent", age=0)
    assert handlers & {"recent", "always", "echoing"} == {"echoing"}
    assert left_out["recent"].startswith("it is the echo of what agent helper did")


def test_an_event_tells_that_it_was_rebuilt() -> None:
    body = samples.load("issue.created")
    moment = datetime(2026, 11, 28, 4, tzinfo=UTC)
    sent, rebuilt = parse("issue", body), parse("issue", body, happened_at=moment)
    assert (sent.rebuilt, sent.happened_at) == (False, None)
    assert (rebuilt.rebuilt, rebuilt.happened_at) == (True, moment)
    assert isinstance(rebuilt, Event)
    assert rebuilt.name == sent.name


def test_a_choice_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match='write "recent", "always" or "never"'):
        check_rebuilt("sometimes")
