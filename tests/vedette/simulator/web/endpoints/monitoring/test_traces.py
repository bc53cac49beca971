"""An event is an error in a trace of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2

    from vedette.simulator import Issue

ROOT = "/api/0/organizations/acme"


async def test_the_trace_of_an_event_shows_its_span_and_the_error(in_process: httpx2.AsyncClient, issue: Issue) -> None:
    event = issue.events[0]
    detail = (await in_process.get(f"{ROOT}/issues/{issue.id}/events/latest/")).json()
    trace = detail["contexts"]["trace"]["trace_id"]
    (span,) = (await in_process.get(f"{ROOT}/trace/{trace}/")).json()
    assert (span["project_slug"], span["transaction"]) == ("shop", issue.report.culprit)
    assert [(error["event_id"], error["issue_id"]) for error in span["errors"]] == [(event.id, issue.id)]
    summary = (await in_process.get(f"{ROOT}/trace-meta/{trace}/")).json()
    assert (summary["errors"], summary["span_count"], summary["span_count_map"]) == (1, 1, {"http.server": 1})


async def test_an_unknown_trace_is_empty_and_a_wrong_id_has_no_route(in_process: httpx2.AsyncClient) -> None:
    assert (await in_process.get(f"{ROOT}/trace/{'0' * 32}/")).json() == []
    assert (await in_process.get(f"{ROOT}/trace-meta/{'0' * 32}/")).json()["span_count"] == 0
    for name in ("trace", "trace-meta"):
        answer = await in_process.get(f"{ROOT}/{name}/latest/")
        assert (answer.status_code, answer.content) == (404, b"")
