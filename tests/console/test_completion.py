"""Shells complete names, ids and samples; where nothing answers, nothing is suggested and nothing is raised."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from console import completion
from tests.console.commands.recorded import Recorded, recorded


@pytest.fixture
def redis_of_commands(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    yield from recorded(redis_url, tmp_path, monkeypatch)


def test_what_is_recorded_is_suggested(redis_of_commands: Recorded) -> None:
    delivery = redis_of_commands.record("SHOP-4K", "31", triage={"state": "dead", "error": "gone"})
    assert [one for one, _ in completion.complete_delivery(delivery[:4])] == [delivery]
    assert [one for one, _ in completion.complete_issue("shop-")] == ["SHOP-4K"]
    assert completion.complete_dead_run("") == [(f"{delivery}:triage", "gone")]
    assert completion.complete_issue("ferry") == []


def test_names_that_the_code_has_are_suggested() -> None:
    assert "issue.created" in completion.complete_sample("issue.c")
    assert completion.complete_state("de") == ["dead"]
    assert "issue" in completion.complete_resource("iss")


def test_names_of_the_settings_are_suggested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert completion.complete_integration("") == ["default"]
    (tmp_path / "vedette.toml").write_text("[agents.helper]\nmode = 'observe'\n")
    assert completion.complete_agent("h") == ["helper"]


def test_nothing_is_suggested_and_raised_where_nothing_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for complete in (completion.complete_delivery, completion.complete_issue, completion.complete_handler):
        assert complete("") == []
    monkeypatch.setenv("VEDETTE_CONFIG", "/nonexist.toml")
    assert completion.complete_agent("") == []
    assert completion.complete_proposal("") == []
