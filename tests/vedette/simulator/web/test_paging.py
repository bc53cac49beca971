"""Cursors and Link headers over 250 objects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from vedette.simulator import ErrorReport, record_error
from vedette.simulator.world import builders, comments
from vedette.simulator.world.actors import Actor

if TYPE_CHECKING:
    import httpx2

    from tests.vedette.simulator.conftest import Small
    from vedette.simulator import Issue

LINK = re.compile(r'<([^>]+)>; rel="(\w+)"; results="(true|false)"; cursor="([^"]+)"')


def links(answer: httpx2.Response) -> dict[str, tuple[str, bool, str]]:
    found = LINK.findall(answer.headers["link"])
    return {relation: (url, results == "true", cursor) for url, relation, results, cursor in found}


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("organizations/acme/issues/", "limit"),
        ("projects/acme/shop/issues/", "limit"),
        ("organizations/acme/members/", "per_page"),
        ("organizations/acme/teams/", "per_page"),
        ("organizations/acme/projects/", "per_page"),
        ("organizations/acme/releases/", "per_page"),
        ("projects/acme/shop/events/", "per_page"),
        ("organizations/acme/issues/SHOP-1/notes/", "per_page"),
    ],
)
async def test_250_objects_come_in_pages_without_one_missing_or_twice(
    in_process: httpx2.AsyncClient, small: Small, path: str, size: str
) -> None:
    world = small.world
    for number in range(250):
        event = record_error(world, small.project, ErrorReport("E", f"v{number}", fingerprint=str(number)))
        assert event is not None
        comments.comment(world, world.issue_by_short_id["SHOP-1"], Actor(user=small.user), f"n{number}")
        builders.add_member(world, f"p{number}@acme.example")
        builders.add_team(world, f"t{number}")
        builders.add_project(world, f"p{number}")
        builders.add_release(world, f"shop@{number}", [small.project])
    url, seen, pages = f"{world.base_url}/api/0/{path}?{size}=60&query=&x=%2F", list[str](), 0
    while True:
        answer = await in_process.get(url)
        pages += 1
        seen += [str(entry["id"]) for entry in answer.json()]
        found = links(answer)
        assert set(found) == {"previous", "next"}
        assert found["previous"][1] is (pages > 1)
        url, more, cursor = found["next"]
        assert url.startswith(f"{world.base_url}/api/0/{path}?{size}=60&")
        assert re.fullmatch(r"\d+:\d+:[01]", cursor)
        if not more:
            break
    assert len(seen) == len(set(seen)) >= 250
    assert pages == -(-len(seen) // 60)


async def test_an_empty_page_has_both_relations(in_process: httpx2.AsyncClient) -> None:
    answer = await in_process.get("/api/0/organizations/acme/issues/")
    assert answer.json() == []
    found = links(answer)
    assert (found["previous"][2], found["next"][2]) == ("0:0:1", "0:100:0")
    assert not found["previous"][1]
    assert not found["next"][1]
    assert answer.headers["X-Hits"] == "0"


@pytest.mark.parametrize("query", ["cursor=x", "cursor=1:2", "cursor=1:2:3", "limit=0", "limit=101", "limit=many"])
async def test_a_bad_cursor_or_size_is_a_400(in_process: httpx2.AsyncClient, query: str) -> None:
    answer = await in_process.get(f"/api/0/organizations/acme/issues/?{query}")
    assert answer.status_code == 400
    assert list(answer.json()) == ["detail"]


async def test_an_empty_cursor_is_taken_as_none(in_process: httpx2.AsyncClient, issue: Issue) -> None:
    answer = await in_process.get("/api/0/organizations/acme/issues/?cursor=")
    assert [found["id"] for found in answer.json()] == [str(issue.id)]
