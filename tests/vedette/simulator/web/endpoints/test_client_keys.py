"""Client keys can be created, changed and deleted, with the bounds that Sentry has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx2

    from tests.vedette.simulator.conftest import Small

KEYS = "/api/0/projects/acme/shop/keys/"


async def test_a_project_begins_with_one_key_and_gets_more(in_process: httpx2.AsyncClient, small: Small) -> None:
    (first,) = (await in_process.get(KEYS)).json()
    assert (first["id"], first["name"], first["isActive"]) == (small.project.public_key, "Default", True)
    made = (await in_process.post(KEYS, json={"name": "CI", "rateLimit": {"count": 5, "window": 60}})).json()
    assert (made["name"], made["rateLimit"], made["projectId"]) == ("CI", {"count": 5, "window": 60}, small.project.id)
    assert made["public"] in made["dsn"]["public"]
    assert made["secret"] in made["dsn"]["secret"]
    assert made["secret"] not in made["dsn"]["public"]
    assert [key["id"] for key in (await in_process.get(KEYS)).json()] == [made["id"], first["id"]]
    assert (await in_process.get(f"{KEYS}{made['id']}/")).json() == made


async def test_an_inactive_key_opens_nothing_and_is_listed_as_such(
    in_process: httpx2.AsyncClient, small: Small
) -> None:
    url = f"{KEYS}{small.project.public_key}/"
    changed = (
        await in_process.put(url, json={"isActive": False, "dynamicSdkLoaderOptions": {"hasReplay": True}})
    ).json()
    assert (changed["isActive"], changed["dynamicSdkLoaderOptions"]["hasReplay"]) == (False, True)
    assert (await in_process.get(KEYS, params={"status": "active"})).json() == []
    assert len((await in_process.get(KEYS, params={"status": "inactive"})).json()) == 1
    dsn = f"DSN http://{small.project.public_key}@host/{small.project.id}"
    feedback = {"event_id": "a" * 32, "name": "Bo", "email": "bo@acme.example", "comments": "Hm"}
    answer = await in_process.post(
        "/api/0/projects/acme/shop/user-feedback/", json=feedback, headers={"Authorization": dsn}
    )
    assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid dsn"})


async def test_a_rate_limit_is_taken_away_by_null(in_process: httpx2.AsyncClient, small: Small) -> None:
    url = f"{KEYS}{small.project.public_key}/"
    limit = {"rateLimit": {"count": 5, "window": 60}}
    assert (await in_process.put(url, json=limit)).json()["rateLimit"] == limit["rateLimit"]
    assert (await in_process.put(url, json={"name": "Shop"})).json()["rateLimit"] == limit["rateLimit"]
    assert (await in_process.put(url, json={"rateLimit": None})).json()["rateLimit"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "n" * 65}, "name"),
        ({"name": 5}, "name"),
        ({"isActive": "maybe"}, "isActive"),
        ({"rateLimit": 5}, "rateLimit"),
        ({"rateLimit": {"count": "many", "window": 1}}, "rateLimit"),
    ],
)
async def test_wrong_fields_are_a_400_by_field(
    in_process: httpx2.AsyncClient, small: Small, body: dict[str, Any], field: str
) -> None:
    for method, url in (("POST", KEYS), ("PUT", f"{KEYS}{small.project.public_key}/")):
        answer = await in_process.request(method, url, json=body)
        assert (answer.status_code, list(answer.json())) == (400, [field])
    assert len(small.project.keys) == 1


async def test_public_and_secret_parts_are_hexadecimal(in_process: httpx2.AsyncClient) -> None:
    assert (await in_process.post(KEYS, json={"public": "g" * 32})).status_code == 400
    assert (await in_process.post(KEYS, json={"public": "0" * 32})).json()["id"] == "0" * 32


async def test_a_deleted_key_is_gone(in_process: httpx2.AsyncClient, small: Small) -> None:
    url = f"{KEYS}{small.project.public_key}/"
    assert (await in_process.delete(url)).status_code == 204
    for method in ("GET", "PUT", "DELETE"):
        assert (await in_process.request(method, url)).status_code == 404
    assert small.project.keys == []
