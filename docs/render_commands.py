"""Render `docs/commands.md` from the code: each command with its arguments, options and examples.

Run it with `.venv/bin/python docs/render_commands.py`; a test holds the page to what this renders.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from console.command_help import examples_of
from console.main import app

PAGE = Path(__file__).with_name("commands.md")
HEAD = """# Commands

Each command, as `vedette COMMAND -h` shows it; rendered by `docs/render_commands.py`. Settings come from variables and
`vedette.toml` ([settings](settings.md)); `vedette config` shows those in force.

- Listings are tables where the terminal is wide enough, and records of several lines where it is not; in a pipe,
  `COLUMNS` says how wide. Times are those of this machine.
- `--json` writes one object a line, for programs; field names stay. Errors are then objects on standard error as well.
- Exit codes: 0 done, 1 found something wrong or could not do it, 2 was called wrongly or has unusable settings. Others
  are said with the command.
- A name that nothing knows is refused with the nearest one; `vedette --install-completion` lets the shell complete
  names, ids and samples.
"""


def render() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *_sections(typer.main.get_command(app), "vedette")])


def _sections(group: Any, path: str) -> Iterator[str]:
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        own = f"{path} {name}"
        yield _section(command, own)
        if hasattr(command, "list_commands"):
            yield from _sections(command, own)


def _section(command: Any, path: str) -> str:
    level = "##" if path.count(" ") == 1 else "###"
    text = re.sub(r"\s*\n\s*\n\s*", "\n\n", (command.help or "").replace("\\[", "[").strip())
    parts = [f"{level} `{path}`\n", f"{text}\n"]
    rows = [row for parameter in command.params if not getattr(parameter, "hidden", False) for row in _row(parameter)]
    if rows:
        parts.append("\n".join(["| | |", "|---|---|", *rows]) + "\n")
    if found := examples_of(path):
        parts.append("```sh\n" + "\n".join(found) + "\n```\n")
    return "\n".join(parts)


def _row(parameter: Any) -> Iterator[str]:
    if parameter.param_type_name == "argument":
        name = parameter.metavar or parameter.name.upper()
        said = f"`{name}`" if parameter.required else f"`[{name}]`"
    else:
        said = ", ".join(f"`{option}`" for option in sorted(parameter.opts, key=lambda one: -len(one)))
        if not parameter.is_flag:
            said += f" `{parameter.metavar or _kind(parameter)}`"
    default = parameter.default
    is_told = (
        not callable(default) and default not in (None, "", False, ()) and not getattr(parameter, "is_flag", False)
    )
    more = f" Default: `{default}`." if is_told else ""
    help_text = (parameter.help or "").replace("\\[", "[").replace("|", "\\|")
    yield f"| {said.replace('|', chr(92) + '|')} | {help_text}{more} |"


def _kind(parameter: Any) -> str:
    kind = parameter.bare_type().lower()
    return "FILE" if "path" in kind else "N" if "int" in kind or "float" in kind else "TEXT"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
