"""The program of docs/receiver.md that answers UI components does."""

import re
from pathlib import Path
from typing import Any

import httpx2

from receiver.endpoints.ui_components import Responders
from tests.receiver.running import running
from tests.receiver.sentry import SECRET, sign
from vedette.settings.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "receiver.md").read_text(encoding="utf-8")


def responders() -> Responders:
    (program,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {"__name__": "program"}
    exec(program, names)  # noqa: S102 - the page's own example
    return names["Answers"]()


async def test_the_example_answers_its_component_and_no_other(redis_url: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.model_validate(
        {
            "integrations": {"default": {"client_secret": SECRET}},
            "redis_url": redis_url,
            "state_dir": tmp_path / "state",
            "port": 0,
        }
    )
    async with running(settings, responders()) as receiver:
        assert await asked(receiver.client, "ships") == (200, [{"label": "Ferry", "value": "1"}])
        assert (await asked(receiver.client, "others"))[0] == 404


async def asked(client: httpx2.AsyncClient, name: str) -> tuple[int, Any]:
    response = await client.get(f"/ui/default/{name}", headers={"Sentry-App-Signature": sign(b"")})
    return response.status_code, response.json()
