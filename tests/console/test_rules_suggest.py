"""`vedette rules suggest` as its own process, and `vedette rules ready`."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from console.rules import app
from tests.vedette.rules.suggest.planting import Planting
from vedette.rules import read_rules
from vedette.simulator import RateLimits, create_app, population
from vedette.simulator.options import TOKEN_SCOPES
from vedette.testing.serving import served


def test_what_is_proposed_is_a_rules_file(vedette: Any, redis_url: str, tmp_path: Path) -> None:
    world = Planting().world
    token = population.add_token(world, "internal", TOKEN_SCOPES)
    with served(create_app(world, limits=RateLimits(manner="self-hosted"))) as url:
        vedette.variables |= {
            "VEDETTE_CLIENT_SECRET": "s",
            "VEDETTE_TOKEN": token.secret,
            "VEDETTE_ORGANIZATION": world.organization_slug,
            "VEDETTE_SENTRY_URL": url,
            "VEDETTE_REDIS_URL": redis_url,
        }
        text = vedette.run("rules", "suggest")
        (tmp_path / "suggested.toml").write_text(text)
        names = {rule.name for rule in read_rules([tmp_path / "suggested.toml"])}
        assert names == {"payments-api to #payments", "Error: Loading chunk * failed archived until escalating"}
        found = [json.loads(line) for line in vedette.run("rules", "suggest", "--json").splitlines()]
        assert {one["name"] for one in found} == names
        assert {one["agreed"] for one in found} == {78, 40}


def test_ready_made_rules_are_listed_and_printed(tmp_path: Path) -> None:
    def run(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["ready", *arguments])
        assert done.exit_code == code
        return done.output

    assert "browser-extensions" in run()
    (tmp_path / "triage.toml").write_text(run("noise"))
    assert len(read_rules([tmp_path / "triage.toml"])) == 3
    assert "noise" in run("nosie", code=2)
    assert {"name", "summary", "cost", "text"} == set(json.loads(run("noise", "--json")))
