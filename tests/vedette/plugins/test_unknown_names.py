"""A table for a handler, provider or channel that does not exist is refused by the process with the plugins."""

from pathlib import Path
from typing import Any

import pytest

from vedette.events.catalog import known_names
from vedette.plugins.discovery import discover
from vedette.plugins.registry import Registry
from vedette.settings.settings import Settings, SettingsError

KNOWN = frozenset(known_names())
PLUGIN = """
from pydantic import BaseModel
from vedette import Context, on, provide
from vedette.notify import ChannelName

class Own(BaseModel):
    to: ChannelName = "ops"

@on("issue.created")
async def alarm(ctx: Context, settings: Own) -> None: ...
"""
CHANNELS = {"ops": {"kind": "slack", "url": "https://hooks.example/x"}}


def find(*plugins: Path, **tables: Any) -> Registry:
    return discover(Settings.model_validate({"plugins": plugins, **tables}), KNOWN)


def told(registry: Registry) -> str:
    with pytest.raises(SettingsError) as raised:
        registry.refuse_unknown_names()
    return str(raised.value)


@pytest.mark.parametrize("name", ["triag", "traige", "Triage", "triage_"])
def test_a_misspelt_handler_is_refused_with_the_nearest(name: str) -> None:
    assert f"handlers.{name}: there is no handler {name}: did you mean triage?" in told(
        find(handlers={name: {"mode": "observe"}})
    )


def test_every_handler_that_was_found_may_have_a_table_however_it_is(tmp_path: Path) -> None:
    (tmp_path / "plugin.py").write_text(PLUGIN + "\n@on('nothing')\nasync def unusable(ctx): ...\n")
    handlers = {"triage": {"enabled": False}, "runbook": {"mode": "act"}, "alarm": {"mode": "act"}, "unusable": {}}
    registry = find(tmp_path / "plugin.py", handlers=handlers, channels=CHANNELS)
    registry.refuse_unknown_names()
    assert [one.remedy for one in registry.off if one.name == "triage"] == [
        "it is disabled: take `enabled = false` under [handlers.triage] away"
    ]


def test_a_name_far_from_all_is_a_problem_only_where_a_plugin_could_not_be_loaded(tmp_path: Path) -> None:
    assert "take it away, or load the plugin" in told(find(handlers={"somebody": {}}))
    (tmp_path / "broken.py").write_text("import nowhere_at_all\n")
    registry = find(tmp_path / "broken.py", handlers={"somebody": {}})
    registry.refuse_unknown_names()
    assert "[handlers.somebody]" in {problem.source for problem in registry.problems}
    near = find(tmp_path / "broken.py", handlers={"triag": {"mode": "observe"}})
    assert "did you mean triage?" in told(near)
    both = find(tmp_path / "broken.py", handlers={"triage": {}, "triage2": {"mode": "observe"}})
    both.refuse_unknown_names()


@pytest.mark.parametrize(
    ("tables", "place"),
    [
        ({"handlers": {"triage": {"grant": {"channels": ["opss"]}}}}, "handlers.triage.grant.channels"),
        ({"handlers": {"alarm": {"to": "opss"}}}, "handlers.alarm.to"),
        ({"handlers": {"notify": {"send": [{"to": "ops"}, {"to": "opss"}]}}}, "handlers.notify.send.to"),
        ({"handlers": {"escalate_metric_alert": {"channel": "opss"}}}, "handlers.escalate_metric_alert.channel"),
    ],
)
def test_a_channel_that_is_not_set_is_refused_where_it_is_named(
    tables: dict[str, Any], place: str, tmp_path: Path
) -> None:
    (tmp_path / "plugin.py").write_text(PLUGIN)
    found = told(find(tmp_path / "plugin.py", **tables, channels=CHANNELS))
    assert f"{place}: there is no channel opss: did you mean ops?" in found
    assert found.count("\n") == 0


def test_a_pattern_of_channels_and_one_that_is_set_are_taken(tmp_path: Path) -> None:
    (tmp_path / "plugin.py").write_text(PLUGIN)
    grant = {"channels": ["o*", "ops"]}
    find(tmp_path / "plugin.py", handlers={"triage": {"grant": grant}}, channels=CHANNELS).refuse_unknown_names()
