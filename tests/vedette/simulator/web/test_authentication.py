"""Tokens of every kind, the scopes they hold, and the 401s and 403s with Sentry's texts."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from vedette.api.operations import OPERATIONS, Operation
from vedette.simulator.world import builders
from vedette.simulator.world.integrations import organization_token

if TYPE_CHECKING:
    import httpx2

    from tests.vedette.simulator.conftest import Small
    from vedette.simulator import Issue

PARAMETERS = {
    "organization_id_or_slug": "acme",
    "project_id_or_slug": "shop",
    "team_id_or_slug": "payments",
    "sentry_app_id_or_slug": "vedette",
}
SCOPED = sorted(name for name, operation in OPERATIONS.items() if operation.scopes)


def path_of(operation: Operation) -> str:
    return operation.path.format_map({name: PARAMETERS.get(name, "1") for name in operation.parameters})


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("name", SCOPED)
async def test_an_operation_opens_to_any_of_its_scopes_and_to_nothing_else(
    name: str, in_process: httpx2.AsyncClient, small: Small
) -> None:
    operation = OPERATIONS[name]
    bare = builders.add_token(small.world, "user", [], user=small.user)
    answer = await in_process.request(operation.method, path_of(operation), headers=bearer(bare.secret))
    assert answer.status_code == 403
    assert answer.json() == {"detail": "You do not have permission to perform this action."}
    for scope in operation.scopes:
        token = builders.add_token(small.world, "user", [scope], user=small.user)
        answer = await in_process.request(operation.method, path_of(operation), headers=bearer(token.secret))
        assert answer.text != '{"detail":"You do not have permission to perform this action."}', scope


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        (None, "Authentication credentials were not provided."),
        ("Bearer nonsense", "Invalid token"),
        ("bearer nonsense", "Invalid token"),
        ("Bearer", "Invalid token header. No credentials provided."),
        ("Bearer two words", "Invalid token header. Token string should not contain spaces."),
        ("Bearer sntrys_unknown", "Invalid org token"),
        ("Digest x", "Authentication credentials were not provided."),
        ("Basic ???", "Invalid basic header. Credentials not correctly base64 encoded."),
        ("Basic " + base64.b64encode(b"key:").decode(), "API key is not valid"),
        ("Basic " + base64.b64encode(b"key:password").decode(), "Authentication credentials were not provided."),
        ("DSN http://key@host/1", "Invalid dsn"),
    ],
)
async def test_a_missing_or_bad_credential_is_a_401_with_its_own_sentence(
    in_process: httpx2.AsyncClient, header: str | None, detail: str
) -> None:
    del in_process.headers["Authorization"]
    answer = await in_process.get(
        "/api/0/organizations/acme/", headers={"Authorization": header} if header is not None else {}
    )
    assert (answer.status_code, answer.json()) == (401, {"detail": detail})


async def test_an_expired_and_a_revoked_token_are_refused(in_process: httpx2.AsyncClient, small: Small) -> None:
    small.token.expires = small.world.clock() - timedelta(seconds=1)
    assert (await in_process.get("/api/0/")).json() == {"detail": "Token expired"}
    small.token.expires, small.token.revoked = None, True
    assert (await in_process.get("/api/0/")).json() == {"detail": "Invalid token"}


async def test_introspection_shows_the_expanded_scopes(in_process: httpx2.AsyncClient, small: Small) -> None:
    token = builders.add_token(small.world, "user", ["event:write", "org:admin"], user=small.user)
    answer = (await in_process.get("/api/0/", headers=bearer(token.secret))).json()
    assert answer["auth"]["scopes"] == [
        "event:read",
        "event:write",
        "org:admin",
        "org:integrations",
        "org:read",
        "org:write",
    ]
    assert answer["user"]["email"] == "ines@acme.example"
    del in_process.headers["Authorization"]
    assert (await in_process.get("/api/0/")).json() == {"version": "0", "auth": None, "user": None}


async def test_an_organization_token_opens_releases_and_nothing_else(
    in_process: httpx2.AsyncClient, small: Small
) -> None:
    secret = organization_token("acme", "http://127.0.0.1:9000", "s3cret")
    builders.add_token(small.world, "organization", ["org:ci"], secret=secret)
    assert (await in_process.get("/api/0/organizations/acme/releases/", headers=bearer(secret))).status_code == 200
    assert (await in_process.get("/api/0/organizations/acme/issues/", headers=bearer(secret))).status_code == 403


async def test_a_legacy_key_opens_with_an_empty_password(in_process: httpx2.AsyncClient, small: Small) -> None:
    builders.add_token(small.world, "api_key", ["org:read"], secret="0ld")
    header = "Basic " + base64.b64encode(b"0ld:").decode()
    answer = await in_process.get("/api/0/organizations/acme/", headers={"Authorization": header})
    assert answer.status_code == 200


async def test_a_dsn_opens_feedback_alone(in_process: httpx2.AsyncClient, small: Small) -> None:
    dsn = f"DSN http://{small.project.public_key}@host/{small.project.id}"
    body = {"event_id": "a" * 32, "name": "Bo", "email": "bo@acme.example", "comments": "Hm"}
    url = "/api/0/projects/acme/shop/user-feedback/"
    assert (await in_process.post(url, json=body, headers={"Authorization": dsn})).status_code == 200
    assert (await in_process.get("/api/0/organizations/acme/", headers={"Authorization": dsn})).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/api/0/sentry-apps/vedette/"), ("DELETE", "/api/0/sentry-apps/vedette/")],
)
async def test_an_integration_cannot_change_itself(in_process: httpx2.AsyncClient, method: str, path: str) -> None:
    answer = await in_process.request(method, path, json={})
    assert (answer.status_code, answer.json()) == (403, {"detail": "User must be in the app owner's organization"})


async def test_an_integration_can_neither_remove_members_nor_give_roles(
    in_process: httpx2.AsyncClient, small: Small
) -> None:
    member = builders.add_member(small.world, "bo@acme.example")
    url = f"/api/0/organizations/acme/members/{member.id}/"
    assert (await in_process.delete(url)).status_code == 400
    assert (await in_process.put(url, json={"orgRole": "owner"})).status_code == 403
    weak = builders.add_token(small.world, "user", ["member:write"], user=small.user)
    answer = await in_process.delete(url, headers=bearer(weak.secret))
    assert answer.json() == {"detail": "You are missing the member:admin scope."}


async def test_an_unknown_organization_project_or_issue_is_a_404(in_process: httpx2.AsyncClient, issue: Issue) -> None:
    for path in (
        "/api/0/organizations/other/issues/",
        "/api/0/organizations/acme/issues/99/",
        "/api/0/projects/acme/none/",
        "/api/0/organizations/acme/issues/\N{SUPERSCRIPT TWO}/",
        f"/api/0/organizations/acme/issues/{'9' * 5000}/",
        "/api/0/organizations/acme/members/\N{SUPERSCRIPT TWO}/",
    ):
        answer = await in_process.get(path)
        assert (answer.status_code, answer.json()) == (404, {"detail": "The requested resource does not exist"})
    no_route = await in_process.get("/api/0/no/such/thing/")
    assert (no_route.status_code, no_route.content) == (404, b"")
