"""Names that other programs rely on are what they were when they were recorded.

`python tests/test_public_interface.py` records them again, after an intended change that is in CHANGELOG.md.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import typer.main

RECORD = Path(__file__).with_name("public_interface.json")
PACKAGES = (
    "vedette",
    "vedette.api",
    "vedette.events",
    "vedette.notify",
    "vedette.rules",
    "vedette.search",
    "vedette.simulator",
    "vedette.testing",
)


def exported() -> dict[str, list[str]]:
    return {name: sorted(importlib.import_module(name).__all__) for name in PACKAGES}


def commands() -> dict[str, list[str]]:
    """Return each command with its options."""
    from console.main import app  # noqa: PLC0415 - records without it would need no command line

    found: dict[str, list[str]] = {}

    def walk(command: Any, path: str) -> None:
        # A command with commands of its own has options too: `vedette audit --issue`.
        options = [option for parameter in command.params for option in parameter.opts if option.startswith("-")]
        if path:
            found[path] = sorted(options)
        if hasattr(command, "list_commands"):
            for name in command.list_commands(None):
                walk(command.get_command(None, name), f"{path} {name}".strip())

    walk(typer.main.get_command(app), "")
    return found


def test_what_is_exported_stays() -> None:
    recorded: dict[str, list[str]] = json.loads(RECORD.read_text(encoding="utf-8"))["exports"]
    now = exported()
    gone = {package: sorted(set(names) - set(now[package])) for package, names in recorded.items()}
    assert {package: names for package, names in gone.items() if names} == {}


def test_commands_and_their_options_stay() -> None:
    recorded: dict[str, list[str]] = json.loads(RECORD.read_text(encoding="utf-8"))["commands"]
    now = commands()
    gone = {name: sorted(set(options) - set(now.get(name, []))) for name, options in recorded.items()}
    assert set(recorded) <= set(now)
    assert {name: options for name, options in gone.items() if options} == {}


if __name__ == "__main__":
    record = {"exports": exported(), "commands": commands()}
    RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"recorded in {RECORD}\n")
