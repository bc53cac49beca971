"""The page about channels: its tables load, its handler is taken, its check of a signature fits the messages."""

import re
import tomllib
from pathlib import Path
from typing import Any

from vedette.events.catalog import known_names
from vedette.notify import webhook
from vedette.plugins.discovery import discover
from vedette.settings.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "channels.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_the_tables_are_settings_and_the_handler_is_granted_what_it_uses(tmp_path: Path) -> None:
    tables: dict[str, Any] = {}
    for text in blocks("toml"):
        tables |= tomllib.loads(text.replace("/etc/vedette", str(tmp_path)))
    for name in ("slack-ops", "teams-web", "pager", "slack-token", "pager-key"):
        (tmp_path / name).write_text("https://hooks.example/a-secret-path\n")
    (tmp_path / "shout.py").write_text(blocks("python")[0])
    settings = Settings(plugins=(tmp_path / "shout.py",), **tables)
    assert sorted(settings.channels) == ["ops", "pager", "payments", "web"]
    assert "a-secret-path" not in repr(settings)
    registry = discover(settings, frozenset(known_names()))
    assert registry.problems == []
    assert registry.handlers["shout"].grant.covers_channel("ops")


def test_the_check_of_a_signature_takes_what_is_sent_and_nothing_else() -> None:
    names: dict[str, Any] = {}
    exec(blocks("python")[1], names)  # noqa: S102 - the page's own example
    headers = webhook.signed(b"{}", "0123456789abcdef", 1_790_000_000)
    given = (headers[webhook.TIMESTAMP], headers[webhook.SIGNATURE])
    assert names["is_genuine"](b"{}", *given, "0123456789abcdef")
    assert not names["is_genuine"](b"{ }", *given, "0123456789abcdef")
    assert not names["is_genuine"](b"{}", "1790000001", given[1], "0123456789abcdef")
