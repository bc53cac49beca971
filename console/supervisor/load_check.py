"""Loads settings and plugins and prints the problems as one line of JSON, for `vedette up --reload`."""

import json
import sys

from vedette._core.printable import printable
from vedette.events.catalog import known_names
from vedette.plugins.discovery import discover
from vedette.settings.settings import SettingsError, load_settings


def main() -> int:
    """Return 0 after a check, and 2 with a message if the settings cannot be used."""
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.stderr.write(f"{printable(str(error), multiline=True)}\n")
        return 2
    registry = discover(settings, frozenset(known_names()))
    problems = [(problem.source, problem.reason) for problem in registry.problems]
    problems += [("the settings", str(problem)) for problem in registry.unknown]
    sys.stdout.write(f"\n{json.dumps({'problems': problems, 'plugins': [str(path) for path in settings.plugins]})}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
