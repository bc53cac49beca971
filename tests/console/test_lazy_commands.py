"""Each command imports only its own needs."""

import subprocess
import sys

import pytest
import typer.main
from typer.core import TyperGroup
from typer.testing import CliRunner

from console.main import COMMANDS, app

RUNNER = CliRunner()


def imported(modules: str, *rooms: str) -> list[str]:
    """Return what of `rooms` a process has imported that imports `modules`."""
    code = f"import sys, {modules}; print(*(name for name in sys.modules if name.startswith({rooms!r})))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return ended.stdout.split()


@pytest.mark.parametrize("name", COMMANDS)
def test_each_is_where_the_table_says_and_helps(name: str) -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    assert group.commands[name].name == name
    helped = RUNNER.invoke(app, [name, "--help"])
    assert helped.exit_code == 0
    assert f"vedette {name} " in helped.output or f"{name} [OPTIONS]" in helped.output


def test_the_help_lists_them_in_the_order_of_the_table() -> None:
    output = RUNNER.invoke(app, ["--help"]).output
    places = [output.index(f"│ {name} ") for name in COMMANDS]
    assert places == sorted(places)


def test_a_word_that_is_nearly_a_command_is_told_which_is_meant() -> None:
    ended = RUNNER.invoke(app, ["deliverys"])
    assert ended.exit_code == 2
    assert "deliveries" in ended.output


def test_the_command_line_by_itself_imports_no_command() -> None:
    assert (
        imported(
            "console.main", "console.a", "console.d", "console.u", "receiver", "workers", "gateway", "redis", "httpx2"
        )
        == []
    )


def test_looking_at_deliveries_needs_neither_the_client_of_sentry_nor_rules_nor_models() -> None:
    rooms = ("vedette.api", "vedette.rules", "vedette.plugins", "vedette.events.kinds.issue", "workers", "httpx2")
    assert imported("console.commands.deliveries, console.commands.runs, console.commands.dead", *rooms) == []


def test_the_receiver_needs_neither_the_client_of_sentry_nor_models() -> None:
    rooms = (
        "vedette.api",
        "vedette.rules",
        "vedette.plugins",
        "vedette.events.kinds.issue",
        "workers",
        "console",
        "httpx2",
    )
    assert imported("receiver.server", *rooms) == []
