"""`notify` under grants, modes, pauses, budgets and the audit, to a service on a real socket."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette import AccessDenied, Context, Message, Notify
from vedette.access import approvals
from vedette.access.client_factory import ClientFactory
from vedette.events import parse, samples
from vedette.notify import Channels, NotificationFailed, UnknownChannelError
from vedette.permissions.errors import BudgetExhausted
from vedette.permissions.grants import Grant, grant_of
from vedette.plugins.handler import Handler
from vedette.settings.channels import ChannelSettings
from vedette.settings.settings import Mode
from vedette.store.server.keys import batch_key, batch_opener_key
from vedette.testing.servers import served

GRANT = Grant(channels=("ops",))
MESSAGE = Message("it broke", "badly", colour="red")


@dataclass
class Service:
    url: str = ""
    posts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    statuses: list[int] = field(default_factory=list[int])

    async def take(self, request: Request) -> Response:
        self.posts.append(await request.json())
        return Response('{"ok": true, "ts": "17.1"}', self.statuses.pop(0) if self.statuses else 200)


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()
    with served(Starlette(routes=[Route("/{path:path}", found.take, methods=["POST"])])) as url:
        found.url = url
        yield found


@pytest.fixture
async def channels(service: Service) -> AsyncIterator[Channels]:
    tables = {
        "ops": {"kind": "webhook", "url": f"{service.url}/topsecret"},
        "bot": {"kind": "slack", "token": "xoxb-1", "post_to": "C1", "api_url": service.url},
    }
    found = Channels({name: ChannelSettings.model_validate(table) for name, table in tables.items()})
    yield found
    await found.aclose()


Notifies = Callable[..., Notify]


@pytest.fixture
def notifies(scene: Any, channels: Channels) -> Notifies:
    """Make the `notify` of a run."""

    def make(
        grant: Grant = GRANT, *, delivery: str = "d1", mode: Mode = "act", modes: dict[str, Mode] | None = None
    ) -> Notify:
        async def function() -> None: ...

        handler = Handler("plugin", function, ("*",), "plugin.py", mode, (), grant=grant, modes=modes or {})
        event = parse("issue", samples.load("issue.created"))
        context = Context(delivery, "plugin", 1, mode)
        return ClientFactory(scene.services, channels).notify_for(scene.connection, handler, context, event)

    return make


async def test_a_granted_message_is_sent_and_the_audit_says_so_in_english(
    scene: Any, service: Service, notifies: Notifies
) -> None:
    assert (await notifies()("ops", MESSAGE)).sent
    assert [post["title"] for post in service.posts] == ["it broke"]
    call, outcome = await scene.entries()
    assert call.text("intent") == "notified ops: it broke"
    assert call.text("decision") == "granted by [handlers.plugin.grant]"
    assert call.text("label") == samples.load("issue.created")["data"]["issue"]["shortId"]
    assert outcome.facts["status"] == 200
    assert "topsecret" not in f"{call.facts} {outcome.facts}"


@pytest.mark.parametrize("grant", [Grant(), Grant(channels=("web",)), Grant(scopes=("org:admin", "event:admin"))])
async def test_a_channel_that_is_not_granted_is_denied_and_the_line_to_write_said(
    scene: Any, service: Service, notifies: Notifies, grant: Grant
) -> None:
    with pytest.raises(AccessDenied, match=r'channels = \[.*"ops"\]` under \[handlers.plugin.grant\]'):
        await notifies(grant)("ops", MESSAGE)
    assert service.posts == []
    assert await scene.decisions() == ["denied: its grant does not name channel ops"]


async def test_a_grant_for_other_projects_and_the_mode_of_a_project_hold_for_messages_too(
    scene: Any, service: Service, notifies: Notifies
) -> None:
    with pytest.raises(AccessDenied, match="does not cover project"):
        await notifies(Grant(channels=("ops",), projects=("bank",)))("ops", MESSAGE)
    slug = samples.load("issue.created")["data"]["issue"]["project"]["slug"]
    assert not (await notifies(modes={slug: "observe"})("ops", MESSAGE)).sent
    assert service.posts == []
    assert (await scene.decisions())[-1] == "observed"


async def test_a_plugin_may_tell_nobody_and_a_shipped_handler_whom_its_settings_name() -> None:
    assert not grant_of(None, (), bundled=False).covers_channel("ops")
    assert grant_of(None, (), bundled=True).covers_channel("ops")
    assert str(GRANT) == "notifying ops"


async def test_a_repeated_attempt_tells_nobody_twice_and_another_delivery_does(
    service: Service, notifies: Notifies
) -> None:
    service.statuses = [503]
    with pytest.raises(NotificationFailed):
        await notifies()("ops", MESSAGE)
    for delivery in ("d1", "d1", "d2"):
        await notifies(delivery=delivery)("ops", MESSAGE)
    assert len(service.posts) == 3


async def test_a_pause_holds_messages_back_and_a_budget_ends_them(
    scene: Any, service: Service, notifies: Notifies
) -> None:
    await scene.services.budgets.pause("plugin", "ann")
    assert not (await notifies()("ops", MESSAGE)).sent
    await scene.services.budgets.resume("plugin")
    grant = Grant(channels=("ops",), writes_per_hour=1)
    await notifies(grant)("ops", MESSAGE)
    with pytest.raises(BudgetExhausted):
        await notifies(grant)("ops", Message("another"))
    assert len(service.posts) == 1
    assert [decision.partition(":")[0] for decision in await scene.decisions()] == [
        "paused by ann",
        "granted by [handlers.plugin.grant]",
        "denied",
    ]


async def test_a_proposed_message_is_sent_once_a_person_says_yes(
    scene: Any, service: Service, notifies: Notifies, channels: Channels
) -> None:
    assert not (await notifies(mode="propose")("ops", MESSAGE)).sent
    (proposal,) = await scene.services.proposals.waiting()
    assert proposal.intent == "notified ops: it broke"
    with pytest.raises(AccessDenied):
        await approvals.approve(scene.services, scene.connection, proposal, Grant(), "ann", channels)
    assert (await approvals.approve(scene.services, scene.connection, proposal, GRANT, "ann", channels)).sent
    assert [post["text"] for post in service.posts] == ["badly"]
    assert (await scene.decisions())[-1] == "approved by ann"
    assert await scene.services.proposals.waiting() == []


async def test_messages_of_one_thread_answer_the_first(service: Service, notifies: Notifies) -> None:
    grant = Grant(channels=("*",))
    await notifies(grant)("bot", Message("critical", thread="alert:7", colour="red"))
    await notifies(grant, delivery="d2")("bot", Message("over", thread="alert:7", colour="green"))
    await notifies(grant, delivery="d3")("bot", Message("another", thread="alert:8"))
    assert [post.get("thread_ts") for post in service.posts] == [None, "17.1", None]


async def test_a_channel_that_no_settings_name_is_said(notifies: Notifies) -> None:
    with pytest.raises(UnknownChannelError, match="opps: did you mean ops"):
        await notifies(Grant(channels=("*",)))("opps", MESSAGE)


async def test_what_a_handler_is_given_shows_nothing_of_where_messages_go(notifies: Notifies) -> None:
    notify = notifies()
    assert repr(notify) == "<notify>"
    assert [name for name in dir(notify) if not name.startswith("_")] == ["gather", "release", "view"]
    assert not hasattr(notify._send, "__self__")  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize(
    ("grant", "channel", "error"),
    [
        (Grant(), "ops", AccessDenied),
        (GRANT, "bot", AccessDenied),
        (Grant(channels=("*",)), "opps", UnknownChannelError),
    ],
)
async def test_nothing_is_gathered_for_a_channel_that_is_not_granted_or_not_there(
    scene: Any, notifies: Notifies, grant: Grant, channel: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await notifies(grant).gather(channel, MESSAGE, "1m")
    assert await scene.client.exists(batch_opener_key("plugin", channel), batch_key("plugin", channel)) == 0


async def test_what_is_granted_is_gathered(notifies: Notifies) -> None:
    assert await notifies().gather("ops", MESSAGE, "1m")
    assert not await notifies(delivery="d2").gather("ops", MESSAGE, "1m")
