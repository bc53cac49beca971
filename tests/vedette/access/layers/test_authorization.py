from typing import Any

import pytest

from vedette import AccessDenied, Message
from vedette.access.layers.authorization import AuthorizationLayer
from vedette.access.message_calls import call_of_message
from vedette.permissions.grants import Grant


@pytest.fixture
def layer(end: Any, recorder: Any, connection: Any) -> AuthorizationLayer:
    return AuthorizationLayer(end, recorder, connection)


async def test_a_granted_call_is_passed_on_with_the_grant_as_the_decision(layer: Any, prepare: Any, end: Any) -> None:
    await layer.send(prepare())
    assert end.only.decision == "granted by [handlers.triage.grant]"


@pytest.mark.parametrize(
    ("context", "grant", "decision"),
    [
        ({"order": "approved by ann"}, Grant(scopes=("event:write",)), "approved by ann"),
        ({}, Grant(scopes=("event:write",), shipped=True), "granted by the grant that comes with it"),
    ],
)
async def test_an_order_or_a_shipped_grant_is_named(
    layer: Any, prepare: Any, end: Any, context: dict[str, Any], grant: Grant, decision: str
) -> None:
    await layer.send(prepare(grant=grant, context=context))
    assert end.only.decision == decision


async def test_what_is_not_granted_is_denied_recorded_and_counted(
    layer: Any, prepare: Any, end: Any, ledger: Any
) -> None:
    with pytest.raises(AccessDenied, match="its grant does not hold event:write"):
        await layer.send(prepare(grant=Grant()))
    assert end.calls == []
    assert ledger.decisions == ["denied: its grant does not hold event:write"]
    assert ledger.counted == [("triage", "denied")]


async def test_the_scopes_of_the_token_are_checked(layer: Any, prepare: Any, connection: Any) -> None:
    connection.token.scopes = frozenset({"event:read"})
    with pytest.raises(AccessDenied, match="the token does not hold event:write"):
        await layer.send(prepare())


@pytest.mark.parametrize(("channels", "is_granted"), [(("ops",), True), (("web",), False), ((), False)])
async def test_of_a_message_the_channel_is_checked(
    layer: Any, prepare: Any, end: Any, channels: tuple[str, ...], is_granted: bool
) -> None:
    call = call_of_message("ops", Message("it broke"))
    sent = {"operation": call.operation, "parameters": call.parameters, "body": call.body}
    message = prepare(grant=Grant(channels=channels), call=sent)
    if is_granted:
        await layer.send(message)
    else:
        with pytest.raises(AccessDenied, match="does not name channel ops"):
            await layer.send(message)
    assert len(end.calls) == is_granted
