from pathlib import Path
from typing import Any

import pytest

from vedette.events.catalog import known_names
from vedette.plugins.discovery import discover
from vedette.plugins.registry import Registry
from vedette.settings.settings import HandlerSettings, Settings

PLUGIN = """
from pydantic import BaseModel
from vedette import Context, on

class Own(BaseModel):
    greeting: str
    times: int = 1

@on("issue.created")
async def greet(ctx: Context, settings: Own) -> None:
    ctx.note(settings.greeting * settings.times)
"""


def find(tmp_path: Path, text: str, **given: Any) -> Registry:
    file = tmp_path / "plugin.py"
    file.write_text(text)
    settings = {"greet": HandlerSettings.model_validate(given)}
    return discover(Settings(plugins=(file,), handlers=settings), frozenset(known_names()))


async def test_a_handler_is_given_its_own_settings_as_its_model(tmp_path: Path) -> None:
    class Noted:
        said = ""

        def note(self, sentence: str) -> None:
            self.said = sentence

    noted = Noted()
    handler = find(tmp_path, PLUGIN, greeting="ahoy ", times=2).handlers["greet"]
    await handler.run({"ctx": noted})
    assert noted.said == "ahoy ahoy "


@pytest.mark.parametrize(
    ("text", "given", "told"),
    [
        (PLUGIN, {}, "greeting: is missing"),
        (PLUGIN, {"greeting": "x", "times": "many"}, "times: should be a whole number"),
        (PLUGIN, {"greeting": "x", "time": 2}, "time is not a setting of it: did you mean times?"),
        (PLUGIN, {"greeting": "x", "mdoe": "act"}, "did you mean mode?"),
        (PLUGIN.replace("settings: Own", "settings: dict"), {}, "annotate `settings` with a pydantic model"),
        (PLUGIN.replace("settings: Own", "settings: 'Nowhere'"), {}, "import it outside"),
        (PLUGIN.replace('"issue.created"', '"issue.created", needs=("event:wirte",)'), {}, 'needs=("event:write",)'),
        (PLUGIN.replace('"issue.created"', '"issue.created", needs="event:write"'), {}, "no scope of Sentry"),
        (PLUGIN.replace('"issue.created"', '"issue.created", when="level:("'), {}, "level:("),
        (PLUGIN.replace('"issue.created"', '"issue.created", when=3'), {}, 'write when="level:fatal"'),
    ],
)
def test_what_cannot_work_is_named_at_load_with_what_to_write(
    tmp_path: Path, text: str, given: dict[str, Any], told: str
) -> None:
    registry = find(tmp_path, text, **given)
    assert "greet" not in registry.handlers
    assert told in registry.problems[0].reason
