"""The decision on a request is the oracle's, for all operations, grants and modes, as it is for the gate itself."""

import os
from typing import Any, cast

import httpx2
from starlette.types import Receive, Scope, Send

from tests.agent_decisions import BULK, AgentCase, Decision, add_releases, agent_cases, check_cases, expected_decision
from tests.gateway.gateways import RunningGateway
from vedette.access.agent_directory import AgentDirectory
from vedette.access.agent_gates import AgentGateFactory
from vedette.access.context import make_policy_services
from vedette.api.call import fill
from vedette.api.operations import OPERATIONS, TokenKind
from vedette.settings.access import AccessSettings
from vedette.settings.agents import AgentSettings
from vedette.store.agents.tokens import AgentTokens

EXAMPLES = 3000 if os.environ.get("VEDETTE_FULL") == "1" else 150
# The gateway answers these for the agent itself, whatever its grant.
CALLED = {name: each for name, each in OPERATIONS.items() if each.group != "auth"}
NAME = "drawn"
PERSONAL = AgentCase({"mode": "act", "may": {"members": "full"}, "grant": {}}, OPERATIONS["members.remove"], "shop")
"""A write that the grant allows, and that Sentry lets only persons' tokens do."""


def path_of(case: AgentCase, gateway: RunningGateway) -> str:
    """The path of a case, about an issue, project and team that exist."""
    return fill(case.operation.path, case.parameters(issue_of(case, gateway)))


def issue_of(case: AgentCase, gateway: RunningGateway) -> int:
    return gateway.issues["first" if case.project == "shop" else "foreign"].id


def decision_of(response: httpx2.Response) -> Decision:
    """The decision that a response tells."""
    decision = response.headers["x-vedette-decision"]
    assert (response.status_code == 409) == (decision in {"observed", "proposed"}), response.text
    if decision == "denied":
        assert response.status_code == 403
        assert response.headers["www-authenticate"].startswith("Bearer realm=")
    return cast("Decision", "passed" if decision == "granted" else decision)


async def test_the_rest_api_decides_as_the_gate_does(gateway: RunningGateway) -> None:
    simulated = gateway.sentry.app

    async def takes_writes(scope: Scope, receive: Receive, send: Send) -> None:
        """Answer writes without doing them, so that no example changes the next one."""
        if scope["method"] == "GET":
            await simulated(scope, receive, send)
            return
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b"{}"})

    add_releases(gateway.world)
    gateway.sentry.instead = takes_writes
    policy = make_policy_services(gateway.redis, AccessSettings(writes_per_issue_per_hour=1_000_000))
    token, _ = await AgentTokens(gateway.redis).create(NAME, by="ann")

    async def check(case: AgentCase) -> Decision:
        services = gateway.services
        services.agents = AgentDirectory(gateway.redis, {NAME: AgentSettings.model_validate(dict(case.settings))})
        services.gates = AgentGateFactory(policy, services.agents, services.sentry)
        gateway.sentry.seen.clear()
        options: dict[str, Any] = {}
        if case.operation.name in BULK:
            options["params"] = {"id": str(issue_of(case, gateway))}
        if case.operation.method in {"PUT", "POST"}:
            options["json"] = case.body
        path = path_of(case, gateway)
        headers = {"Authorization": f"Bearer {token}"}
        response = await gateway.http.request(case.operation.method, path, headers=headers, **options)
        decision = decision_of(response)
        assert decision == expected_decision(case), f"{case}: {response.text}"
        written = [each.target.partition("?")[0] for each in gateway.sentry.seen if each.method != "GET"]
        # What no integration's token can do is granted as any call is, and answered without asking Sentry.
        is_possible = case.operation.accepts(TokenKind.INTEGRATION)
        assert written == [path] * (case.operation.writes and decision == "passed" and is_possible), str(case)
        return decision

    await check_cases(check, agent_cases(CALLED), EXAMPLES, PERSONAL)
