"""The commands of docs/suggest.md and docs/ready-made-rules.md run here unchanged, on a history with known habits."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vedette.rules.suggest.planting import Planting
from vedette.rules import read_rules, rules_of
from vedette.simulator import RateLimits, create_app
from vedette.simulator.options import TOKEN_SCOPES
from vedette.simulator.world import builders
from vedette.testing.servers import served

DOCS = Path(__file__).parents[2] / "docs"
FOUND = {"payments-api to #payments", "Error: Loading chunk * failed archived until escalating"}


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture
def environment(redis_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The variables of a Vedette with a Sentry that has a history."""
    world = Planting().world
    token = builders.add_token(world, "internal", TOKEN_SCOPES)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("VEDETTE_")}
    with served(create_app(world, limits=RateLimits(manner="self-hosted"))) as url:
        yield inherited | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "VEDETTE_CLIENT_SECRET": "s" * 32,
            "VEDETTE_TOKEN": token.secret,
            "VEDETTE_ORGANIZATION": world.organization_slug,
            "VEDETTE_SENTRY_URL": url,
            "VEDETTE_REDIS_URL": redis_url,
            "VEDETTE_STATE_DIR": str(tmp_path / "state"),
        }


def test_the_commands_run_as_written(environment: dict[str, str], tmp_path: Path) -> None:
    script = "".join(["set -e\n", *blocks("ready-made-rules.md", "sh"), *blocks("suggest.md", "sh")])
    # One past is enough for a test.
    script = script.replace("--since 90d ", "")
    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert {rule.name for rule in read_rules([tmp_path / "suggested.toml"])} == FOUND
    assert len(read_rules([tmp_path / "triage.toml"])) == 3
    assert '"agreed": 20' in done.stdout


def test_the_example_of_a_proposal_is_a_rules_file() -> None:
    (example,) = blocks("suggest.md", "toml")
    (rule,) = rules_of([("triage.toml", example)])
    assert rule.mode == "propose"


def test_the_example_in_python_runs() -> None:
    (example,) = blocks("suggest.md", "python")
    exec(example, {})  # noqa: S102 - the page's own words


@pytest.mark.parametrize("page", ["suggest.md", "ready-made-rules.md"])
def test_every_page_that_is_named_is_there(page: str) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", (DOCS / page).read_text(encoding="utf-8")):
        assert (DOCS / link).exists(), link
