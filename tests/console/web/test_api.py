"""The JSON API: its document, its answers, its errors, and orders that are carried out once."""

import json
from typing import Any

import httpx2
import jsonschema
import pytest

from console.web.api.openapi import SCHEMAS, document
from console.web.request_rates import RequestRates
from console.web.routes import ROUTES
from tests.console.web.consoles import RunningConsole
from tests.console.web.filled import ISSUE, LABEL, fill
from vedette._core.ids import is_identifier
from vedette.store.access.handler_roster import HandlerRoster, RosterHandler, write_roster
from vedette.store.console.account import Account, Role

READS = [route for route in ROUTES if route.is_api and route.method == "GET"]
ORDERS = [route for route in ROUTES if route.is_api and route.method == "POST"]


class Program:
    """A program with tokens of each role."""

    def __init__(self, console: RunningConsole, ids: dict[str, str], tokens: dict[str, str]) -> None:
        self.console, self.ids, self.tokens = console, ids, tokens

    def path(self, template: str) -> str:
        known = {"{delivery}": self.ids["acted"], "{issue}": LABEL, "{entry}": self.ids["entry"]}
        for name, value in {**known, "{proposal}": "proposal01"}.items():
            template = template.replace(name, value)
        return template

    async def send(self, method: str, path: str, role: Role = "operator", **options: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.tokens[role]}", **options.pop("headers", {})}
        return await self.console.http.request(method, path, headers=headers, **options)


@pytest.fixture
async def program(console: RunningConsole, redis_url: str) -> Program:
    ids = await fill(console.redis, console.services.settings, redis_url)
    await write_roster(
        console.redis, HandlerRoster((RosterHandler("triage", ("issue.created",), "act", "vedette"),), ())
    )
    tokens: dict[str, str] = {}
    for role in ("viewer", "approver", "operator"):
        account = Account(f"token {role}", role)
        tokens[role], _ = await console.services.tokens.create(account, by="ann", lifetime=600)
    return Program(console, ids, tokens)


def schema_of(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return {**content, "components": {"schemas": SCHEMAS}}


def test_the_document_has_each_route_and_no_other() -> None:
    listed = {(method.upper(), path) for path, methods in document()["paths"].items() for method in methods}
    routes = {(route.method, route.path.removeprefix("/api/1")) for route in (*READS, *ORDERS)}
    assert listed == routes
    names = [method["operationId"] for methods in document()["paths"].values() for method in methods.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("route", READS, ids=lambda route: route.path)
async def test_each_answer_is_as_the_document_says(program: Program, route: Any) -> None:
    answer = await program.send("GET", program.path(route.path))
    assert answer.status_code == 200, answer.text
    if route.path.endswith("/body"):
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"] == "attachment"
        return
    operation = document()["paths"][route.path.removeprefix("/api/1")]["get"]
    jsonschema.validate(answer.json(), schema_of(operation))
    if "items" in answer.json() and not route.path.endswith("schedule"):
        assert answer.json()["items"]


async def test_pages_follow_one_another_by_their_cursors(program: Program) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        answer = (await program.send("GET", f"/api/1/deliveries?limit=7&cursor={cursor}")).json()
        assert len(answer["items"]) <= 7
        seen += [one["id"] for one in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert {one for one in program.ids.values() if is_identifier(one)} <= set(seen)
    some = (await program.send("GET", f"/api/1/deliveries?issue={LABEL}&state=dead")).json()["items"]
    assert [one["id"] for one in some] == [program.ids["failed"]]
    assert {one["issue"] for one in some} == {ISSUE}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/1/deliveries?limit=0", 400),
        ("/api/1/deliveries?limit=201", 400),
        ("/api/1/deliveries?limit=x", 400),
        ("/api/1/deliveries?cursor=%00", 400),
        ("/api/1/deliveries?state=sleeping", 400),
        ("/api/1/deliveries?q=colour:red", 400),
        ("/api/1/deliveries?since=yesterday", 400),
        ("/api/1/deliveries/nothing", 404),
        ("/api/1/deliveries/" + "0" * 26, 404),
        ("/api/1/audit/x", 404),
        ("/api/1/audit/999999", 404),
        ("/api/1/nowhere", 404),
    ],
)
async def test_an_error_says_what_to_do(program: Program, path: str, status: int) -> None:
    answer = await program.send("GET", path)
    assert answer.status_code == status
    jsonschema.validate(answer.json(), SCHEMAS["Error"])
    assert answer.json()["error"]
    assert answer.json()["do"]


async def test_without_a_token_that_works_nothing_is_answered(program: Program) -> None:
    for header in ("", "Bearer", "Bearer x", "Basic eDp5", f"Bearer {program.tokens['viewer']}x"):
        answer = await program.console.http.get("/api/1/deliveries", headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "vdtc_" in answer.json()["do"]


async def test_a_cookie_does_not_stand_in_for_a_token_that_is_sent(program: Program) -> None:
    headers = {**program.console.headers("operator"), "Authorization": "Bearer x", "Sec-Fetch-Site": "cross-site"}
    answer = await program.console.http.post("/api/1/pause", headers=headers)
    assert answer.status_code == 401


async def test_an_order_is_in_the_audit_under_the_programs_name(program: Program) -> None:
    answer = await program.send("POST", "/api/1/pause", json={"handler": "triage"})
    assert answer.json() == {"paused": "triage"}
    newest = (await program.console.entries())[-1]
    assert newest.text("decision") == "paused by token operator"
    again = await program.send("POST", "/api/1/resume", json={"handler": "triage"})
    assert again.json()["was_paused"] is True
    assert "triage" not in again.json()["remaining"]


async def test_an_order_with_a_key_is_carried_out_once(program: Program) -> None:
    before = len(await program.console.entries())
    headers = {"Idempotency-Key": "0b7e"}
    first = await program.send("POST", "/api/1/proposals/proposal01/reject", "approver", headers=headers)
    again = await program.send("POST", "/api/1/proposals/proposal01/reject", "approver", headers=headers)
    assert first.json() == again.json() == {"proposal": "proposal01"}
    assert again.headers["idempotent-replayed"] == "true"
    assert len(await program.console.entries()) == before + 1
    other = await program.send("POST", "/api/1/proposals/proposal02/reject", "approver", headers=headers)
    assert other.status_code == 422
    without = await program.send("POST", "/api/1/proposals/proposal01/reject", "approver")
    assert without.status_code == 409


async def test_an_order_that_failed_may_be_repeated_with_its_key(program: Program) -> None:
    headers = {"Idempotency-Key": "0b7f"}
    path = f"/api/1/deliveries/{program.ids['quarantined']}/replay"
    for _ in range(2):
        assert (await program.send("POST", path, headers=headers)).status_code == 409


@pytest.mark.parametrize("body", ["[]", "1", "{", "[" * 5000, '"x"'])
async def test_a_body_that_is_no_object_is_refused(program: Program, body: str) -> None:
    answer = await program.send("POST", "/api/1/pause", content=body)
    assert answer.status_code == 400


async def test_a_body_that_is_too_large_is_refused(program: Program) -> None:
    answer = await program.send("POST", "/api/1/pause", content=json.dumps({"handler": "x" * 300_000}))
    assert answer.status_code == 413


@pytest.mark.parametrize("route", ORDERS, ids=lambda route: route.path)
async def test_each_order_answers_as_the_document_says_or_with_an_error(program: Program, route: Any) -> None:
    answer = await program.send("POST", program.path(route.path), json={"id": f"{program.ids['failed']}:triage"})
    operation = document()["paths"][route.path.removeprefix("/api/1")]["post"]
    if answer.status_code == 200:
        jsonschema.validate(answer.json(), schema_of(operation))
    else:
        assert answer.status_code == 409, answer.text
        jsonschema.validate(answer.json(), SCHEMAS["Error"])


async def test_viewers_see_no_bodies_unless_the_settings_say_so(program: Program) -> None:
    answer = await program.send("GET", program.path("/api/1/deliveries/{delivery}/body"), "viewer")
    assert answer.status_code == 404


def test_a_program_that_asks_too_often_is_told_when_to_ask_again() -> None:
    now = 0.0
    rates = RequestRates(per_minute=2, now=lambda: now)
    assert [rates.take("a") for _ in range(3)] == [0.0, 0.0, 30.0]
    assert rates.take("b") == 0.0
    now = 31.0
    assert rates.take("a") == 0.0


async def test_more_requests_than_allowed_are_answered_429(program: Program) -> None:
    program.console.services.rates = RequestRates(per_minute=1)
    assert (await program.send("GET", "/api/1/handlers")).status_code == 200
    answer = await program.send("GET", "/api/1/handlers")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
