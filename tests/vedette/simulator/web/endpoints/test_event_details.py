"""Attachments are listed for all, and downloaded by members alone, as the bytes that were sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vedette.simulator.world import builders

if TYPE_CHECKING:
    import httpx2

    from tests.vedette.simulator.conftest import Small
    from vedette.simulator import Issue

CONTENT = bytes(range(256)) * 3


@pytest.fixture
def url(small: Small, issue: Issue) -> str:
    event = issue.events[0]
    builders.add_attachment(small.world, event, "logs/crash dump.bin", CONTENT, "application/x-dump")
    return f"/api/0/projects/acme/shop/events/{event.id}/attachments/"


def of_person(small: Small) -> dict[str, str]:
    return {"Authorization": f"Bearer {small.user_token.secret}"}


async def test_a_member_downloads_the_bytes(in_process: httpx2.AsyncClient, small: Small, url: str) -> None:
    (listed,) = (await in_process.get(url)).json()
    assert (listed["name"], listed["size"], listed["mimetype"]) == ("logs/crash dump.bin", 768, "application/x-dump")
    one = f"{url}{listed['id']}/"
    assert (await in_process.get(one, headers=of_person(small))).json() == listed
    file = await in_process.get(one, params={"download": "1"}, headers=of_person(small))
    assert (file.content, file.headers["Content-Type"]) == (CONTENT, "application/x-dump")
    assert file.headers["Content-Disposition"] == 'attachment; filename="crash dump.bin"'


async def test_an_integration_may_list_and_not_download(in_process: httpx2.AsyncClient, url: str) -> None:
    (listed,) = (await in_process.get(url)).json()
    answer = await in_process.get(f"{url}{listed['id']}/", params={"download": "1"})
    assert (answer.status_code, answer.json()) == (
        403,
        {"detail": "You do not have permission to perform this action."},
    )


async def test_an_unknown_attachment_is_a_404_of_its_own(
    in_process: httpx2.AsyncClient, small: Small, url: str
) -> None:
    answer = await in_process.get(f"{url}999/", headers=of_person(small))
    assert (answer.status_code, answer.json()) == (404, {"detail": "Attachment not found"})


async def test_a_query_searches_names(in_process: httpx2.AsyncClient, url: str) -> None:
    assert len((await in_process.get(url, params={"query": "CRASH"})).json()) == 1
    assert (await in_process.get(url, params={"query": "screenshot"})).json() == []
