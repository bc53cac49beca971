"""What is wrong with a provider is named when its plugin is loaded, with the line to write."""

from pathlib import Path
from typing import Any

import pytest

from vedette.events.catalog import known_names
from vedette.plugins.discovery import discover
from vedette.plugins.registry import Registry
from vedette.settings.settings import HandlerSettings, Settings

HEAD = """
from pydantic import BaseModel, SecretStr
from vedette import on, provide

class Own(BaseModel):
    webhook: SecretStr

"""
SLACK = """
@provide
def slack(settings: Own): ...

@on("issue.created")
async def tell(slack): ...
"""
KNOWN = frozenset(known_names())


def find(tmp_path: Path, *texts: str, handlers: dict[str, HandlerSettings] | None = None, **tables: Any) -> Registry:
    files = [tmp_path / f"plugin{number}.py" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(HEAD + text)
    return discover(Settings(plugins=tuple(files), provide=tables, handlers=handlers or {}), KNOWN)


def settings_of(registry: Registry, handler: str, parameter: str) -> Any:
    return registry.handlers[handler].takes[parameter].settings


def test_a_provider_reads_its_table_and_a_secret_of_it_can_come_from_a_file(tmp_path: Path) -> None:
    registry = find(tmp_path, SLACK, slack={"webhook": "https://hooks.example/1"})
    assert settings_of(registry, "tell", "slack").webhook.get_secret_value() == "https://hooks.example/1"
    (tmp_path / "secret").write_text("from a file\n")
    registry = find(tmp_path, SLACK, slack={"webhook_file": str(tmp_path / "secret")})
    assert settings_of(registry, "tell", "slack").webhook.get_secret_value() == "from a file"


def test_its_table_can_be_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VEDETTE_PROVIDE__SLACK__WEBHOOK", "https://hooks.example/1")
    assert Settings().provide == {"slack": {"webhook": "https://hooks.example/1"}}


@pytest.mark.parametrize(
    ("text", "tables", "told"),
    [
        (SLACK, {}, "[provide.slack]: webhook: is missing"),
        (SLACK, {"slack": {"webhok": "x"}}, "[provide.slack]: webhok is not a setting of it: did you mean webhook?"),
        (SLACK, {"slack": {"webhook_file": "/nowhere"}}, "[provide.slack]: webhook_file: /nowhere cannot be read"),
        (SLACK.replace(": Own", ""), {}, "write `settings: MySettings`"),
        (SLACK.replace("settings: Own", "event"), {}, "takes `event`, which belongs to one run"),
        (SLACK.replace("settings: Own", "pool"), {}, "write `@provide` above `def pool():` in its module"),
        (SLACK.replace("settings: Own", "slack"), {}, "needs itself (slack needs slack)"),
        (
            SLACK.replace("settings: Own", "pool") + "@provide\ndef pool(slack): ...\n",
            {},
            "needs itself (slack needs pool needs slack)",
        ),
        (SLACK.replace("@provide\n", ""), {}, "or write `@provide` above `def slack():` in its module"),
        ("@provide\ndef log(): ...\n", {}, "the provider log has the name of what Vedette itself gives"),
        ("@provide\nclass slack: ...\n", {}, "write `@provide` above `async def slack():`"),
    ],
)
def test_what_cannot_work_is_named_with_what_to_write_and_other_handlers_go_on(
    tmp_path: Path, text: str, tables: dict[str, Any], told: str
) -> None:
    registry = find(tmp_path, text, "@on('*')\nasync def other(event): ...\n", **tables)
    assert "tell" not in registry.handlers
    assert {"other", "triage"} <= registry.handlers.keys()
    (problem,) = registry.problems
    assert problem.source == "plugin0.py"
    assert told in problem.reason


def test_settings_for_nobody_are_named(tmp_path: Path) -> None:
    registry = find(tmp_path, SLACK, slack={"webhook": "x"}, slak={})
    (problem,) = registry.unknown
    assert (problem.setting, problem.problem) == ("provide.slak", "there is no provider slak: did you mean slack?")


def test_a_provider_of_a_handler_that_is_off_need_not_be_configured(tmp_path: Path) -> None:
    assert not find(tmp_path, SLACK, handlers={"tell": HandlerSettings(enabled=False)}).problems


def test_a_plugin_does_not_see_the_providers_of_another_but_by_importing_them(tmp_path: Path) -> None:
    other = "@on('issue.created')\nasync def spy(slack): ...\n"
    registry = find(tmp_path, SLACK, other, slack={"webhook": "x"})
    assert "spy" not in registry.handlers
    registry = find(tmp_path, SLACK, f"from vedette_plugin_plugin0 import slack\n{other}", slack={"webhook": "x"})
    takes = [registry.handlers[name].takes["slack"] for name in ("tell", "spy")]
    assert takes[0] is takes[1]


def test_two_of_one_name_may_not_share_a_table(tmp_path: Path) -> None:
    second = SLACK.replace("tell", "say")
    registry = find(tmp_path, SLACK, second, slack={"webhook": "x"})
    assert ("tell" in registry.handlers, "say" in registry.handlers) == (True, False)
    assert "reads [provide.slack] already: rename one of the functions" in registry.problems[0].reason
    assert "say" in find(tmp_path, SLACK, second.replace("settings: Own", ""), slack={"webhook": "x"}).handlers
