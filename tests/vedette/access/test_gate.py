"""The order of the layers, observed on calls of a handler to a simulated Sentry."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

from vedette import Context, Message
from vedette.access import approvals, layers, undo
from vedette.access.client_factory import ClientFactory
from vedette.access.prepared_call import PreparedCall
from vedette.events import parse, samples
from vedette.permissions.grants import Grant
from vedette.plugins.handler import Handler
from vedette.testing.outbox import Outbox

GRANT = Grant(scopes=("event:write",), projects=("shop", "ferry-api"), channels=("ops",))
UP_TO_PROJECTS = ["Normalization", "Authorization", "TargetResolution", "ProjectAuthorization"]
FROM_MODE = ["Mode", "Budget", "OwnWrites", "Audit"]


def layer_classes() -> Iterator[type[Any]]:
    for found in pkgutil.iter_modules(layers.__path__):
        module = importlib.import_module(f"{layers.__name__}.{found.name}")
        for name, value in inspect.getmembers(module, inspect.isclass):
            if name.endswith("Layer") and value.__module__ == module.__name__:
                yield value


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the layers in the order in which calls have entered them."""
    names: list[str] = []

    def follow(layer: type[Any]) -> None:
        send = layer.send

        async def recorded(self: Any, call: PreparedCall) -> Any:
            names.append(layer.__name__.removesuffix("Layer"))
            return await send(self, call)

        monkeypatch.setattr(layer, "send", recorded)

    for layer in layer_classes():
        follow(layer)
    return names


async def test_an_update_of_a_handler_passes_the_layers_in_order(scene: Any, passed: list[str]) -> None:
    assert (await scene.sentry(GRANT).issues.resolve(str(scene.issue.id))).changed
    update = passed[passed.index("ReadFilter") + 1 :] if "ReadFilter" in passed else passed
    assert update == [*UP_TO_PROJECTS, *FROM_MODE, "SentryRequest"]


async def test_a_read_leaves_for_the_read_filter_after_its_projects(scene: Any, passed: list[str]) -> None:
    await scene.sentry(GRANT).issues.get(str(scene.issue.id))
    assert passed == [*UP_TO_PROJECTS, "ReadFilter"]


async def test_a_message_passes_the_same_layers_to_its_channel(scene: Any, passed: list[str]) -> None:
    async def function() -> None: ...

    handler = Handler("plugin", function, ("*",), "plugin.py", "act", (), grant=GRANT)
    event, context = parse("issue", samples.load("issue.created")), Context("d1", "plugin", 1, "act")
    outbox: Any = Outbox()
    notify = ClientFactory(scene.services, outbox).notify_for(scene.connection, handler, context, event)
    assert (await notify("ops", Message("it broke"))).sent
    assert passed == [*UP_TO_PROJECTS, "MessageDeduplication", *FROM_MODE, "ChannelPost"]


async def test_an_approval_enters_at_the_first_layer_and_an_undo_behind_the_budget(
    scene: Any, passed: list[str]
) -> None:
    await scene.sentry(GRANT, mode="propose").issues.resolve(str(scene.issue.id))
    assert passed[-1] == "Mode"
    (proposal,) = await scene.services.proposals.waiting()
    passed.clear()
    await approvals.approve(scene.services, scene.connection, proposal, GRANT, "ann")
    assert passed == [*UP_TO_PROJECTS, *FROM_MODE, "SentryRequest"]
    passed.clear()
    *_, call, outcome = await scene.entries()
    assert (await undo.undo(scene.services, scene.connection, call, outcome, "ann")).done
    assert passed == ["OwnWrites", "Audit", "SentryRequest"]
