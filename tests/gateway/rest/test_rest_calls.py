"""What agents get through the REST API: judged by the simulated Sentry's state and the audit."""

import httpx2
import pytest
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from tests.gateway.gateways import RunningGateway


def body(response: httpx2.Response) -> dict[str, object]:
    return response.json()


async def test_an_agent_reads_an_issue_and_gets_the_bytes_of_sentry(gateway: RunningGateway) -> None:
    response = await gateway.call("reader", "GET", gateway.issue_path())

    assert response.status_code == 200
    assert body(response)["shortId"] == gateway.issues["first"].short_id
    assert response.headers["x-vedette-agent"] == "reader"
    assert response.headers["x-vedette-decision"] == "granted"
    assert [each.target for each in gateway.sentry.seen][-1].startswith(gateway.issue_path())


async def test_an_agent_in_mode_act_resolves_and_the_answer_names_the_entry(gateway: RunningGateway) -> None:
    response = await gateway.call("actor", "PUT", gateway.issue_path(), json={"status": "resolved"})

    assert response.status_code == 200
    assert body(response)["status"] == "resolved"
    assert gateway.issues["first"].status == "resolved"
    entry = next(each for each in await gateway.entries() if each.kind == "call")
    assert response.headers["x-vedette-audit"] == str(entry.number)
    assert entry.text("source").startswith("agent actor (python-httpx2/")


async def test_a_write_that_is_held_back_is_no_success(gateway: RunningGateway) -> None:
    proposed = await gateway.call("proposer", "PUT", gateway.issue_path(), json={"status": "resolved"})
    observed = await gateway.call("watcher", "PUT", gateway.issue_path(), json={"status": "resolved"})

    assert (proposed.status_code, observed.status_code) == (409, 409)
    facts = proposed.json()["vedette"]
    assert facts["decision"] == "proposed"
    assert facts["proposal"] in proposed.json()["detail"]
    assert observed.json()["vedette"]["decision"] == "observed"
    assert gateway.issues["first"].status == "unresolved"
    assert gateway.sentry.writes() == []


async def test_an_agent_sees_what_became_of_its_own_proposal_alone(gateway: RunningGateway) -> None:
    proposed = await gateway.call("proposer", "PUT", gateway.issue_path(), json={"status": "resolved"})
    path = proposed.json()["vedette"]["proposal_url"].removeprefix(gateway.url)

    own = await gateway.call("proposer", "GET", path)
    other = await gateway.call("actor", "GET", path)

    assert own.status_code == 200
    assert (own.json()["state"], own.json()["intent"]) == ("open", proposed.json()["vedette"]["intent"])
    assert other.status_code == 404


async def test_a_denial_names_the_line_that_would_allow_it(gateway: RunningGateway) -> None:
    response = await gateway.call("reader", "PUT", gateway.issue_path(), json={"status": "resolved"})

    assert response.status_code == 403
    assert 'write `triage = "write"` under [agents.reader.may]' in response.json()["detail"]
    assert response.headers["www-authenticate"].endswith('error="insufficient_scope", scope="event:write"')
    assert gateway.sentry.seen == []
    assert (await gateway.decisions())[-1].startswith("denied: ")


async def test_an_agent_without_grants_may_ask_who_it_is_and_nothing_else(gateway: RunningGateway) -> None:
    root = await gateway.call("nobody", "GET", "/api/0/")
    person = await gateway.call("nobody", "GET", "/api/0/auth/")
    regions = await gateway.call("nobody", "GET", "/api/0/users/me/regions/")
    issue = await gateway.call("nobody", "GET", gateway.issue_path())

    assert root.json()["auth"] == {"scopes": []}
    assert person.json()["email"] == "nobody@agents.vedette.invalid"
    assert regions.json() == {"regions": [{"name": "vedette", "url": gateway.url}]}
    assert issue.status_code == 403
    assert gateway.sentry.seen == []


async def test_an_unknown_endpoint_is_denied_and_recorded_once(gateway: RunningGateway) -> None:
    for _ in range(3):
        response = await gateway.call("owner", "GET", "/api/0/organizations/acme/no-such-thing/")
        assert response.status_code == 403
        assert "docs/api.md" in response.json()["detail"]
    assert gateway.sentry.seen == []
    intents = [each.text("intent") for each in await gateway.entries()]
    assert intents == ["asked for GET /organizations/acme/no-such-thing/"] or len(intents) == 1


@pytest.mark.parametrize("method", ["PATCH", "POST"])
async def test_a_known_path_names_the_methods_that_it_has(gateway: RunningGateway, method: str) -> None:
    response = await gateway.call("owner", method, gateway.issue_path(), json={})

    assert response.status_code == 405
    assert response.headers["allow"] == "DELETE, GET, PUT"


async def test_a_used_up_budget_is_no_429_and_says_when_it_ends(gateway: RunningGateway) -> None:
    path = gateway.issue_path()
    statuses = [await gateway.call("shop-agent", "PUT", path, json={"priority": "low"}) for _ in range(6)]

    assert [each.status_code for each in statuses] == [200] * 5 + [403]
    detail = statuses[-1].json()["detail"]
    assert "it has written 5 times within the hour, which is its budget; it may write again in 60 min" in detail
    assert "write `writes_per_hour = 10` under [agents.shop-agent.grant]" in detail
    assert statuses[-1].json()["vedette"]["retry"] is True


async def test_a_pause_holds_agents_back_and_says_who_ordered_it(gateway: RunningGateway) -> None:
    await gateway.services.policy.budgets.pause("*", "ann")
    response = await gateway.call("actor", "PUT", gateway.issue_path(), json={"status": "resolved"})

    assert response.status_code == 409
    assert response.json()["vedette"]["decision"] == "paused"
    assert "ann has paused writes" in response.json()["detail"]
    assert gateway.sentry.writes() == []


async def test_a_pause_that_comes_while_a_write_waits_keeps_it_back(gateway: RunningGateway) -> None:
    """Sentry answers the first attempt with 429; the pause comes before the second."""
    simulated = gateway.sentry.app

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "PUT":
            await simulated(scope, receive, send)
            return
        await gateway.services.policy.budgets.pause("*", "ann")
        detail = {"detail": "You are attempting to use this endpoint too frequently. Limit is 5 requests in 1 seconds"}
        await JSONResponse(detail, 429, {"Retry-After": "1"})(scope, receive, send)

    gateway.sentry.instead = limited
    response = await gateway.call("actor", "PUT", gateway.issue_path(), json={"status": "resolved"})

    assert response.status_code == 409
    assert response.json()["vedette"]["decision"] == "paused"
    assert len(gateway.sentry.writes()) == 1
    assert gateway.issues["first"].status == "unresolved"
