"""Calls that change several issues: they change those that they name, or that a bounded search has found."""

import pytest

from tests.gateway.gateways import RunningGateway, add_issue

ORGANIZATION = "/api/0/organizations/acme/issues/"
SHOP = "/api/0/projects/acme/shop/issues/"
RESOLVED = {"status": "resolved"}


def states(gateway: RunningGateway) -> dict[str, str]:
    return {name: issue.status for name, issue in gateway.issues.items()}


async def test_ids_are_kept_once_each_and_the_search_finds_nothing(gateway: RunningGateway) -> None:
    first = gateway.issues["first"].id
    response = await gateway.call("actor", "PUT", SHOP, params=[("id", str(first))] * 3, json=RESOLVED)

    assert response.status_code == 200
    assert states(gateway) == {"first": "resolved", "second": "unresolved", "foreign": "unresolved"}
    assert gateway.sentry.writes() == [f"PUT {SHOP}?id={first}&query=timesSeen%3A%3C0"]


async def test_ids_beside_a_search_are_what_counts(gateway: RunningGateway) -> None:
    first = gateway.issues["first"].id
    params = [("id", str(first)), ("query", "is:unresolved"), ("status", "unresolved")]
    response = await gateway.call("actor", "PUT", ORGANIZATION, params=params, json=RESOLVED)

    assert response.status_code == 200
    assert states(gateway) == {"first": "resolved", "second": "unresolved", "foreign": "unresolved"}


async def test_ids_that_are_gone_change_nothing(gateway: RunningGateway) -> None:
    response = await gateway.call("actor", "PUT", ORGANIZATION, params={"id": "999999"}, json=RESOLVED)
    assert response.status_code == 404
    assert set(states(gateway).values()) == {"unresolved"}
    assert gateway.sentry.writes() == []


async def test_an_id_that_is_no_number_is_rejected(gateway: RunningGateway) -> None:
    response = await gateway.call("actor", "PUT", ORGANIZATION, params={"id": "1 OR 1=1"}, json=RESOLVED)
    assert response.status_code == 400
    assert gateway.sentry.seen == []


@pytest.mark.parametrize("params", [{}, {"query": ""}, {"query": "is:unresolved"}, {"status": "unresolved"}])
async def test_a_search_within_the_bound_becomes_the_ids_that_it_finds(
    gateway: RunningGateway, params: dict[str, str]
) -> None:
    response = await gateway.call("shop-agent", "PUT", SHOP, params=params, json=RESOLVED)

    assert response.status_code == 200
    assert states(gateway) == {"first": "resolved", "second": "resolved", "foreign": "unresolved"}
    writes = gateway.sentry.writes()
    assert len(writes) == 1
    assert writes[0].count("id=") == 2
    assert writes[0].endswith("&query=timesSeen%3A%3C0")


async def test_a_search_of_the_organization_finds_issues_of_granted_projects_alone(gateway: RunningGateway) -> None:
    response = await gateway.call("shop-agent", "PUT", ORGANIZATION, params={"query": "is:unresolved"}, json=RESOLVED)
    assert response.status_code == 200
    assert states(gateway) == {"first": "resolved", "second": "resolved", "foreign": "unresolved"}


async def test_a_search_above_the_bound_is_denied_with_the_number(gateway: RunningGateway) -> None:
    for number in range(5):
        add_issue(gateway.world, "shop", f"Error{number}")
    response = await gateway.call("shop-agent", "PUT", SHOP, params={"status": "unresolved"}, json=RESOLVED)

    assert response.status_code == 403
    assert "it would change 7 issues, and this agent may change 2 at once" in response.json()["detail"]
    assert "write `bulk = 7` under [agents.shop-agent.grant]" in response.json()["detail"]
    assert set(states(gateway).values()) == {"unresolved"}
    assert (await gateway.decisions())[-1] == "denied: it would change 7 issues, and this agent may change 2 at once"


async def test_1_001_ids_are_denied_with_their_number_and_none_is_read(gateway: RunningGateway) -> None:
    params = [("id", str(6_941_180_000 + number)) for number in range(1001)]
    response = await gateway.call("actor", "PUT", ORGANIZATION, params=params, json=RESOLVED)

    assert response.status_code == 403
    assert "it would change 1001 issues, and this agent may change 25 at once" in response.json()["detail"]
    assert gateway.sentry.writes() == []


async def test_issues_of_two_projects_need_both_to_be_granted(gateway: RunningGateway) -> None:
    params = [("id", str(gateway.issues[name].id)) for name in ("first", "foreign")]
    denied = await gateway.call("shop-agent", "PUT", ORGANIZATION, params=params, json=RESOLVED)
    allowed = await gateway.call("actor", "PUT", ORGANIZATION, params=params, json=RESOLVED)

    assert (denied.status_code, allowed.status_code) == (403, 200)
    assert states(gateway) == {"first": "resolved", "second": "unresolved", "foreign": "resolved"}


async def test_a_search_that_finds_nothing_sends_no_write(gateway: RunningGateway) -> None:
    response = await gateway.call("actor", "PUT", SHOP, params={"query": "is:resolved"}, json=RESOLVED)
    assert (response.status_code, response.content) == (204, b"")
    assert gateway.sentry.writes() == []


async def test_deleting_all_that_a_search_finds_is_bounded_too(gateway: RunningGateway) -> None:
    for number in range(30):
        add_issue(gateway.world, "shop", f"Error{number}")
    response = await gateway.call("owner", "DELETE", SHOP)
    assert response.status_code == 403
    assert "may change 25 at once" in response.json()["detail"]
    assert gateway.sentry.writes() == []


async def test_merging_needs_its_field_to_be_granted(gateway: RunningGateway) -> None:
    params = [("id", str(gateway.issues[name].id)) for name in ("first", "second")]
    response = await gateway.call("actor", "PUT", ORGANIZATION, params=params, json={"merge": 1})
    assert response.status_code == 403
    assert "merge" in response.json()["detail"]
    assert gateway.sentry.writes() == []


async def test_a_search_that_is_held_back_waits_as_the_ids_that_it_found(gateway: RunningGateway) -> None:
    response = await gateway.call("proposer", "PUT", SHOP, params={"status": "unresolved"}, json={"status": "muted"})
    assert response.status_code == 409
    assert set(states(gateway).values()) == {"unresolved"}
    add_issue(gateway.world, "shop", "LaterError")
    found = await gateway.call("proposer", "GET", f"/api/vedette/proposals/{response.json()['vedette']['proposal']}/")
    assert "SHOP-1" in found.json()["intent"]
    assert "SHOP-3" not in found.json()["intent"]
