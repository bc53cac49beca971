"""Rows of Sentry's lists are read whatever they hold, and their key is that of the webhook."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vedette._core.ids import IdGenerator
from vedette.api.models import AlertFiring, Workflow
from vedette.events.identification import identify
from vedette.history.event_payload import ERROR_CREATED, EventNotice, rebuild_event_payload
from vedette.history.payload import Origin
from vedette.reconcile.delivery import DeliveryBuilder
from vedette.reconcile.event_polls import read_error, read_firing

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
COLUMNS = ("id", "issue.id", "project", "project.id", "timestamp", "title", "event.type")
unhurried = settings(deadline=None, suppress_health_check=(HealthCheck.too_slow,))
ORIGIN = Origin("https://sentry.io/api/0/organizations/acme/issues/", "5f0c7f3e-9a41-4d7e-8a55-3c8e0d1b6a92")
ROW = {
    "id": "7d0f4b1e2c8a4f6f9a3b5c2d1e0f8a97",
    "issue.id": 6941180273,
    "project": "shop",
    "project.id": 4508811229167616,
    "timestamp": "2026-11-28T06:12:09+00:00",
    "title": "ValueError: no",
    "event.type": "error",
}


def test_a_row_is_an_error_with_all_of_its_ids() -> None:
    notice = read_error(ROW)
    assert notice is not None
    assert (notice.name, notice.event, notice.issue) == (ERROR_CREATED, ROW["id"], "6941180273")
    assert (notice.project, notice.project_id, notice.title) == ("shop", "4508811229167616", "ValueError: no")
    for column in COLUMNS:
        lacking = {name: value for name, value in ROW.items() if name != column}
        assert (read_error(lacking) is None) == (column != "title"), column
    assert read_error({**ROW, "event.type": "default"}) is None


@unhurried
@given(st.dictionaries(st.sampled_from(COLUMNS), JSON))
def test_any_row_is_an_error_or_none(row: dict[str, Any]) -> None:
    notice = read_error(row)
    assert notice is None or (notice.event and notice.issue and notice.project and notice.project_id)


@unhurried
@given(JSON, JSON)
def test_any_group_is_a_firing_or_none(issue: Any, project: Any) -> None:
    row = {"group": {"id": issue, "project": project}, "count": 1, "lastTriggered": "2026-11-28T06:12:09Z"}
    firing = AlertFiring.model_validate({**row, "eventId": ROW["id"]})
    notice = read_firing(firing, Workflow.model_validate({"id": "1", "name": "Everything"}))
    assert notice is None or (notice.rule == "Everything" and notice.project_id)


@unhurried
@given(
    st.dictionaries(st.text(max_size=12), JSON, max_size=6), st.sampled_from([ERROR_CREATED, "event_alert.triggered"])
)
def test_a_notice_has_the_key_of_its_webhook(stored: dict[str, Any], name: str) -> None:
    row = read_error(ROW)
    assert row is not None
    notice = EventNotice(name, row.at, row.event, row.issue, row.project, row.project_id, rule="Everything")
    event = {**stored, "event_id": row.event, "project": 4508811229167616}
    body = json.dumps(rebuild_event_payload(notice, event, ORIGIN)).encode()
    builder = DeliveryBuilder("default", "sentry.io/acme", ORIGIN, IdGenerator())
    found = identify(notice.resource, body)
    assert builder.key_of(notice) == f"default:{found.key}"
    assert (found.issue, found.quarantine) == (row.issue, "")
