"""Handlers that ship with Vedette wait for their settings, and cost nothing until then."""

import re
from pathlib import Path
from typing import Any

import pytest

from vedette.events.catalog import known_names
from vedette.plugins.discovery import discover
from vedette.settings.settings import HandlerSettings, Settings

DOCS = Path(__file__).parents[2] / "docs"
KNOWN = frozenset(known_names())


def found(**tables: Any) -> Any:
    return discover(
        Settings(handlers={name: HandlerSettings.model_validate(table) for name, table in tables.items()}), KNOWN
    )


def test_without_settings_only_the_triage_is_on_and_the_rest_say_what_they_lack() -> None:
    registry = found()
    assert registry.problems == []
    assert set(registry.handlers) == {"triage"}
    lacking = {one.name: one.remedy for one in registry.off}
    remedy = "it is not set up: set `runbooks` under [handlers.runbook] (docs/handlers/runbook.md)"
    assert lacking["runbook"] == remedy
    assert "`when` and `integration`" in lacking["link_issue"]
    for name in lacking:
        assert (DOCS / "handlers" / f"{name}.md").exists()


def test_with_its_settings_one_is_on_and_a_mistake_in_them_is_a_problem() -> None:
    assert "runbook" in found(runbook={"runbooks": [{"text": "x"}]}).handlers
    assert {one.name for one in found(runbook={"mode": "act"}).off} >= {"runbook"}
    assert "channel" in found(escalate_metric_alert={"warnings": True}).problems[0].reason


@pytest.mark.parametrize("page", sorted(path.name for path in (DOCS / "handlers").iterdir()))
def test_each_page_lists_every_setting_and_its_links_lead_somewhere(page: str) -> None:
    text = (DOCS / "handlers" / page).read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (DOCS / "handlers" / link).exists(), link
    model = __import__(f"handlers.{page.removesuffix('.md')}", fromlist=["x"])
    function = getattr(model, page.removesuffix(".md"))
    for name in function.__annotations__["settings"].model_fields:
        assert f"`{name}`" in text, name
