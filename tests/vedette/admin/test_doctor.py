"""`vedette doctor` finds each of the planted faults with its mend, and says that a healthy installation is well."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse

from tests.vedette.checks.installation import SECRET, Installation, MovedClock, installed
from vedette.admin.connections import policy_services
from vedette.admin.delivery_probe import probe_deliveries
from vedette.admin.doctor import examine
from vedette.admin.session import AdminSession
from vedette.checks.findings import Finding, worst_severity
from vedette.settings.settings import Settings
from vedette.simulator import Fault
from vedette.simulator.world import builders
from vedette.simulator.world.integrations import organization_token
from vedette.store.receivers.receiver_status import ReceiverStatus, ReceiverStatuses
from vedette.store.server.clock import server_time
from vedette.store.server.keys import WORKERS, messages_key, queue_key
from vedette.store.server.server_check import open_redis

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

PLUGIN = """
from vedette import on

@on({event!r}, needs=("event:write",))
async def greet(event):
    pass
"""


@dataclass
class Ward:
    """An installation with a plugin, and the settings that doctor is called with."""

    town: Installation
    folder: Path
    stack: AsyncExitStack
    integration: dict[str, Any]
    handlers: dict[str, Any] = field(default_factory=dict[str, Any])
    event: str = "issue.created"
    redis_url: str = ""
    worker: bool = True
    offline: bool = False

    def settings(self) -> Settings:
        plugin = self.folder / "greeting.py"
        plugin.write_text(PLUGIN.format(event=self.event))
        return Settings.model_validate(
            {
                "integrations": {"default": self.integration},
                "redis_url": self.redis_url,
                "state_dir": self.folder / "state",
                "plugins": [plugin],
                "handlers": {"greet": {"mode": "act", "grant": {"scopes": ["event:write"]}}, **self.handlers},
            }
        )

    async def examine(self) -> list[Finding]:
        settings = self.settings()
        town = self.town
        if self.worker:
            now = round(await server_time(town.client) * 1000)
            await town.client.zadd(WORKERS, {"worker": now})
        else:
            await town.client.delete(WORKERS)
        await ReceiverStatuses(town.client).write(town.services.status_report.make())
        session = AdminSession("tests", town.client, settings, settings.require_integration)
        return await examine(session, self.redis_url, ["default"], is_offline=self.offline)

    async def configure(self, name: str, value: str, back: str) -> None:
        """Change a setting of the Redis server until the test ends."""
        await self.town.client.config_set(name, value)
        self.stack.push_async_callback(self.town.client.config_set, name, back)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    moved = MovedClock(time.time)
    monkeypatch.setattr(time, "time", moved.time)
    monkeypatch.setattr(time, "time_ns", moved.time_ns)
    return moved


@asynccontextmanager
async def admitted(redis_url: str, folder: Path, clock: MovedClock) -> AsyncGenerator[Ward]:
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(installed(redis_url, folder, clock))
        integration = town.settings.integrations["default"].model_dump(exclude_none=True)
        integration |= {"client_secret": SECRET, "token": town.token.secret}
        ward = Ward(town, folder, stack, integration, redis_url=redis_url)
        # What keeps a test server fast is a finding.
        await ward.configure("appendonly", "yes", "no")
        await town.happen()
        # Receivers and this process go by the moved clock, Redis does not: only so far that it is no finding.
        clock.offset += 1.5
        yield ward


@pytest.fixture
async def ward(redis_url: str, tmp_path: Path, clock: MovedClock) -> AsyncIterator[Ward]:
    async with admitted(redis_url, tmp_path, clock) as made:
        yield made


async def test_all_is_well_in_a_healthy_installation(ward: Ward) -> None:
    findings = await ward.examine()
    assert [(one.check, one.state, one.says) for one in findings if one.state != "ok"] == []
    assert worst_severity(findings) == 0
    assert len({one.check for one in findings}) == len(findings) == 24


Plant = Callable[[Ward], Awaitable[None]]


def setting(**values: Any) -> Plant:
    async def plant(ward: Ward) -> None:
        ward.integration |= values

    return plant


def fault(kind: str, **values: Any) -> Plant:
    async def plant(ward: Ward) -> None:
        ward.town.sender.faults.add(Fault.from_json({"kind": kind, **values}))

    return plant


def proxy(answer: Any) -> Plant:
    async def plant(ward: Ward) -> None:
        ward.town.proxy.instead = answer

    return plant


async def no_token(ward: Ward) -> None:
    del ward.integration["token"]


async def misspelt_handler(ward: Ward) -> None:
    ward.handlers["gret"] = {"mode": "observe"}


async def no_grant(ward: Ward) -> None:
    ward.handlers["greet"] = {"mode": "act"}


async def broken_plugin(ward: Ward) -> None:
    ward.event = "issue.creatd"


async def evicting(ward: Ward) -> None:
    await ward.configure("maxmemory-policy", "allkeys-lru", "noeviction")


async def volatile(ward: Ward) -> None:
    await ward.town.client.config_set("appendonly", "no")


async def full(ward: Ward) -> None:
    used = int((await ward.town.client.info("memory"))["used_memory"])
    await ward.configure("maxmemory", str(round(used * 1.15)), "0")


async def skewed(ward: Ward) -> None:
    ward.town.move(100)


async def no_receiver(ward: Ward) -> None:
    await ward.town.services.stop()
    ward.town.services.status_report.make = cast("Any", _stopped(ward))


def _stopped(ward: Ward) -> Callable[[], ReceiverStatus]:
    made = ward.town.services.status_report.make(stopped=True)
    return lambda: made


async def no_worker(ward: Ward) -> None:
    ward.worker = False


async def spool_full(ward: Ward) -> None:
    status = ReceiverStatus("other", "host-2", 0, round(time.time() * 1000), spool_accepts=False, spool_records=7)
    await ReceiverStatuses(ward.town.client).write(status)


async def stalled(ward: Ward) -> None:
    await ward.town.client.delete(queue_key("fan_out"), messages_key("fan_out"))


async def revoked(ward: Ward) -> None:
    ward.town.token.revoked = True


async def organizations_token(ward: Ward) -> None:
    town = ward.town
    secret = organization_token("acme", town.world.base_url, town.world.hex_id())
    builders.add_token(town.world, "organization", ("org:ci",), secret=secret)
    ward.integration["token"] = secret


async def persons_token(ward: Ward) -> None:
    town = ward.town
    user = builders.add_member(town.world, "ann@acme.example").user
    ward.integration["token"] = builders.add_token(town.world, "user", town.app.scopes, user=user).secret


async def few_scopes(ward: Ward) -> None:
    town = ward.town
    scopes = ("event:read", "org:read", "project:read")
    ward.integration["token"] = builders.add_token(town.world, "internal", scopes, integration=town.app).secret


async def deleted(ward: Ward) -> None:
    del ward.town.world.integrations["vedette"]


async def ambiguous(ward: Ward) -> None:
    builders.add_integration(ward.town.world, "Other", webhook_url="https://other.example/")
    del ward.integration["app"], ward.integration["public_url"]


async def unticked(ward: Ward) -> None:
    ward.event = "issue.resolved"
    ward.town.app.events = ("issue.created", "error")


async def not_alertable(ward: Ward) -> None:
    ward.event = "event_alert.triggered"
    ward.town.app.alertable = False


async def poor_plan(ward: Ward) -> None:
    ward.event = "error.created"
    ward.town.sender.faults.add(Fault("plan"))


async def rotated(ward: Ward) -> None:
    ward.town.app.client_secret = "another-client-secret"
    await ward.town.happen()


async def bad_gateway(ward: Ward) -> None:
    ward.town.proxy.instead = PlainTextResponse("", 502)
    await ward.town.happen()
    ward.town.proxy.instead = None


def public(url: str) -> Plant:
    async def plant(ward: Ward) -> None:
        ward.integration["public_url"] = ward.town.app.webhook_url = url.format(public=ward.town.app.webhook_url)

    return plant


LOGIN = HTMLResponse("<form action='/login'><input type='password'></form>", 200)


@dataclass(frozen=True)
class Planted:
    plant: Plant
    check: str
    cause: str
    mend: str
    state: str = "broken"
    also: frozenset[str] = frozenset()


FAULTS: dict[str, Planted] = {
    "no token in the settings": Planted(no_token, "token", "setting_missing", "VEDETTE_TOKEN"),
    "a misspelt handler": Planted(misspelt_handler, "handlers", "unknown_name", "Write greet"),
    "a grant that is too small": Planted(no_grant, "handlers", "handler_lacks", 'scopes = ["event:write"]', "warn"),
    "a misspelt event": Planted(broken_plugin, "handlers", "plugin_problem", "greeting.py", "warn"),
    "an evicting server": Planted(evicting, "redis", "redis_unsafe", "maxmemory-policy noeviction"),
    "a volatile server": Planted(volatile, "redis_persistence", "redis_volatile", "appendonly yes", "warn"),
    "a full server": Planted(full, "redis_memory", "redis_full", "retention.size", "warn"),
    "a wrong clock": Planted(skewed, "clock", "clock_skew", "timedatectl set-ntp true", "warn"),
    "no receiver": Planted(no_receiver, "receiver", "no_receiver", "vedette receiver"),
    "no worker": Planted(no_worker, "worker", "no_worker", "vedette worker"),
    "a spool that is full": Planted(spool_full, "spool", "spool_full", "receiver.spool_limit"),
    "a stalled delivery": Planted(stalled, "stalled", "stalled", "Let a worker run", "warn"),
    "a revoked token": Planted(revoked, "token", "token_rejected", "create a token under Tokens"),
    "a token of an organization": Planted(organizations_token, "token", "token_kind", "create a token under Tokens"),
    "a token of a person": Planted(persons_token, "token", "token_of_person", "create a token under Tokens", "warn"),
    "a token without scopes": Planted(few_scopes, "scopes", "scopes_missing", "Issue & Event: Read & Write"),
    "another organization": Planted(
        setting(organization="acmee"), "organization", "organization_unknown", "https://SLUG.sentry.io"
    ),
    "a deleted integration": Planted(deleted, "integration", "app_missing", "Create an internal integration"),
    "a disabled integration": Planted(fault("disabled"), "integration", "app_disabled", "Sentry's support"),
    "several integrations": Planted(ambiguous, "integration", "app_ambiguous", "to one of vedette, other", "unknown"),
    "a wrong URL in Sentry": Planted(fault("wrong_url"), "webhook_url", "wrong_url", "set Webhook URL to http://127"),
    "an event that is not ticked": Planted(unticked, "subscriptions", "unticked", "tick issue.resolved"),
    "no alert action": Planted(not_alertable, "alert_action", "not_alertable", "switch on Alert Rule Action"),
    "a plan without errors": Planted(poor_plan, "plan", "plan_without_errors", "plan with error webhooks"),
    "a rotated secret": Planted(rotated, "deliveries", "secret_rotated", "VEDETTE_CLIENT_SECRET=NEW,OLD"),
    "a proxy without receiver": Planted(bad_gateway, "deliveries", "answer_502", "the proxy's upstream"),
    "a redirect": Planted(
        proxy(RedirectResponse("https://www.acme.example/hooks", 301)),
        "public_url",
        "url_redirect",
        "without a redirect",
    ),
    "a login page": Planted(proxy(LOGIN), "public_url", "url_login_page", "Exempt the path"),
    "another server": Planted(
        proxy(PlainTextResponse("It works", 405)), "public_url", "url_other_server", "host and port, unchanged"
    ),
    "a server that takes all": Planted(proxy(JSONResponse({})), "public_url", "url_accepts_unsigned", "which server"),
    "a wrong path": Planted(public("{public}/other"), "public_url", "url_not_found", "Let the URL end in /hooks"),
    "an unknown name": Planted(public("http://receiver.invalid/hooks"), "public_url", "url_dns", "add it to the DNS"),
    "a closed port": Planted(public("http://127.0.0.1:1/hooks"), "public_url", "url_refused", "Start the receiver"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_planted_fault_is_found_with_its_mend(ward: Ward, name: str) -> None:
    planted = FAULTS[name]
    await planted.plant(ward)
    findings = [one for one in await ward.examine() if one.check == planted.check and one.state != "ok"]
    assert [(one.state, one.cause) for one in findings] == [(planted.state, planted.cause)]
    assert any(planted.mend in step for step in findings[0].mend), findings[0].mend
    assert json.dumps(findings[0].as_json())


async def test_a_server_that_does_not_answer_is_the_only_finding_about_redis(ward: Ward) -> None:
    url = "redis://127.0.0.1:1/0"
    client = open_redis(url)
    settings = ward.settings()
    session = AdminSession("tests", client, settings, settings.require_integration)
    findings = await examine(session, url, ["default"])
    await client.aclose()
    finding, unasked = [one for one in findings if one.state != "ok"]
    assert (unasked.check, unasked.state, unasked.cause) == ("token", "unknown", "not_asked")
    assert (finding.check, finding.cause) == ("redis", "redis_unreachable")
    assert finding.mend[0].startswith("Start it, or correct VEDETTE_REDIS_URL")


async def test_offline_asks_neither_sentry_nor_the_public_url(ward: Ward) -> None:
    ward.offline = True
    asked = ward.town.sender.faults
    asked.add(Fault("status", times=1, status=500))
    findings = await ward.examine()
    assert {one.integration for one in findings} == {""}
    assert worst_severity(findings) == 0
    assert len(asked.standing) == 1


async def test_a_probe_proves_that_webhooks_arrive_and_leaves_nothing_behind(ward: Ward) -> None:
    (event,) = await ward.town.happen()
    settings = ward.settings()
    session = AdminSession("tests", ward.town.client, settings, settings.require_integration)
    found = await probe_deliveries(session, "default", event.issue.short_id, patience=10)
    assert (found.check, found.state) == ("probe", "ok"), found
    assert event.issue.comments == []
    ward.town.sender.faults.add(Fault("unsent", match=r"^comment\."))
    lost = await probe_deliveries(session, "default", event.issue.short_id, patience=0.5)
    assert (lost.state, lost.cause) == ("broken", "probe_lost")
    assert "comment.created and comment.deleted" in lost.says
    assert event.issue.comments == []
    unknown = await probe_deliveries(session, "default", "SHOP-ZZZ", patience=0.5)
    assert (unknown.state, unknown.cause) == ("unknown", "probe_refused")
    audited = [entry async for entry in policy_services(session).audit.newest()]
    assert {entry.text("handler") for entry in audited if entry.kind == "call"} == {"person:tests"}


async def test_a_probe_without_the_right_to_delete_says_that_the_comment_was_a_check(ward: Ward) -> None:
    (event,) = await ward.town.happen()
    town = ward.town
    scopes = ("event:write", "org:read", "project:read")
    ward.integration["token"] = builders.add_token(town.world, "internal", scopes, integration=town.app).secret
    settings = ward.settings()
    session = AdminSession("tests", town.client, settings, settings.require_integration)
    found = await probe_deliveries(session, "default", event.issue.short_id, patience=10)
    assert found.state == "ok"
    assert "comment.updated" in found.says
    assert [comment.text for comment in event.issue.comments] == [
        "Vedette has checked whether its webhooks arrive; this comment can be deleted."
    ]
