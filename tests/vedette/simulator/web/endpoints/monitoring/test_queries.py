"""Event queries are checked in their parts, with the statuses that Sentry has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from vedette.simulator import World

if TYPE_CHECKING:
    import httpx2

    from tests.vedette.simulator.conftest import Small

VALIDATE = "/api/0/organizations/acme/events/validate/"
ATTRIBUTES = "/api/0/organizations/acme/trace-items/attributes/"


async def validate(client: httpx2.AsyncClient, **query: Any) -> tuple[int, dict[str, Any]]:
    answer = await client.get(VALIDATE, params=query)
    return answer.status_code, answer.json()


async def test_a_query_that_is_right_is_valid_in_every_part(in_process: httpx2.AsyncClient) -> None:
    status, verdict = await validate(
        in_process,
        dataset="spans",
        field=["span.op", "p95(span.duration)"],
        query="span.op:http.server !transaction:[a,b]",
        orderby="-p95(span.duration)",
        project="shop",
    )
    assert (status, verdict["valid"]) == (200, True)
    assert verdict["field"][1] == {"name": "p95(span.duration)", "valid": True, "attrType": "number", "error": None}
    assert [each["name"] for each in verdict["query"]["fields"]] == ["span.op", "transaction"]
    assert verdict["orderby"] == [{"name": "-p95(span.duration)", "valid": True, "attrType": "number", "error": None}]


@pytest.mark.parametrize(
    ("query", "part", "error"),
    [
        ({"dataset": "spans", "field": "spon.op"}, "field", "Unknown attribute"),
        ({"dataset": "spans", "orderby": "span.op"}, "orderby", "Orderby must also be a selected field"),
        ({"dataset": "foobar"}, "dataset", "dataset must be one of"),
        ({"dataset": "spans", "environment": "prediction"}, "environment", "Unknown environments selected"),
    ],
)
async def test_a_wrong_part_makes_it_a_400_that_says_which(
    in_process: httpx2.AsyncClient, query: dict[str, str], part: str, error: str
) -> None:
    status, verdict = await validate(in_process, **query)
    assert (status, verdict["valid"], verdict[part][0]["valid"]) == (400, False, False)
    assert error in verdict[part][0]["error"]


async def test_a_wrong_search_is_told_as_a_whole_and_by_field(in_process: httpx2.AsyncClient) -> None:
    status, verdict = await validate(in_process, dataset="spans", query="(span.op:db")
    assert (status, verdict["query"]["valid"]) == (400, False)
    status, verdict = await validate(in_process, dataset="spans", query="nothing.known:db")
    assert (status, verdict["query"]["valid"]) == (400, True)
    assert verdict["query"]["fields"][0]["error"] == "Unknown attribute"


async def test_queries_on_errors_are_not_checked(in_process: httpx2.AsyncClient) -> None:
    for query in ({}, {"dataset": "errors", "field": "whatever"}):
        status, verdict = await validate(in_process, **query)
        assert (status, verdict["valid"]) == (200, True)
        assert "not compatible with the validate endpoint" in verdict["dataset"][0]["error"]


async def test_an_unknown_project_is_a_403_for_the_whole_call(in_process: httpx2.AsyncClient) -> None:
    assert (await in_process.get(VALIDATE, params={"project": "none"})).status_code == 403


async def test_projects_are_named_by_ids_or_by_slugs(in_process: httpx2.AsyncClient) -> None:
    both = await in_process.get(VALIDATE, params={"project": "shop", "projectSlug": "shop"})
    assert (both.status_code, both.json()) == (400, {"detail": "Cannot query for both ids and slugs"})
    assert (await in_process.get(VALIDATE, params={"projectSlug": "shop"})).status_code == 200


async def test_without_projects_there_is_nothing_to_query(in_process: httpx2.AsyncClient, small: Small) -> None:
    small.world.projects = World("acme").projects
    status, verdict = await validate(in_process, dataset="spans")
    assert status == 400
    assert verdict["projects"] == [{"valid": False, "error": "At least one valid project is required to query"}]


async def test_attributes_are_listed_by_kind_type_and_text(in_process: httpx2.AsyncClient) -> None:
    spans = (await in_process.get(ATTRIBUTES, params={"itemType": "spans"})).json()
    assert {
        "key": "span.op",
        "name": "span.op",
        "attributeType": "string",
        "attributeSource": {"source_type": "sentry"},
    } in spans
    numbers = await in_process.get(ATTRIBUTES, params={"dataset": "spans", "attributeType": "number"})
    assert [each["key"] for each in numbers.json()] == ["span.duration"]
    some = await in_process.get(ATTRIBUTES, params={"itemType": "spans", "substringMatch": "span."})
    assert {each["key"] for each in some.json()} == {"span.op", "span.duration", "span.description"}
    assert (await in_process.get(ATTRIBUTES, params={"itemType": "logs"})).json() == []


@pytest.mark.parametrize("query", [{}, {"itemType": "dogs"}, {"itemType": "spans", "attributeType": "colour"}])
async def test_attributes_of_nothing_are_a_400(in_process: httpx2.AsyncClient, query: dict[str, str]) -> None:
    assert (await in_process.get(ATTRIBUTES, params=query)).status_code == 400
