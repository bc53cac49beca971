"""The classes of all commands: `-h`, flags without a type, examples below the options, and errors as JSON.

`examples.py` has the examples; `docs/commands.md` is rendered from the same.
"""

from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.models import CommandInfo

from console.error_format import ERRORS_AS_JSON
from console.examples import EXAMPLES

HELP_NAMES = ("-h", "--help")


class VedetteCommand(TyperCommand):
    """A command of Vedette."""

    def __init__(self, name: str | None, **options: Any) -> None:
        super().__init__(name, **_with_help_names(options))
        _hide_types_of_flags(self.params)

    def get_help_option(self, ctx: Any) -> Any:
        """Return the option that shows the help, without a type."""
        return _without_type(super().get_help_option(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Show the help, with the examples of the command."""
        super().format_help(ctx, formatter)
        _show_examples(ctx.command_path)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; its errors are JSON if its output is."""
        with ERRORS_AS_JSON.set_to(bool(ctx.params.get("as_json"))):
            return super().invoke(ctx)


class VedetteGroup(TyperGroup):
    """A command of Vedette that has commands of its own."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**_with_help_names(options))
        _hide_types_of_flags(self.params)

    def get_help_option(self, ctx: Any) -> Any:
        """Return the option that shows the help, without a type."""
        return _without_type(super().get_help_option(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Show the help, with the examples of the command."""
        super().format_help(ctx, formatter)
        _show_examples(ctx.command_path)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; its errors are JSON if its output is."""
        with ERRORS_AS_JSON.set_to(bool(ctx.params.get("as_json"))):
            return super().invoke(ctx)


def adopt(app: typer.Typer) -> None:
    """Let the commands of an application, and the application itself, be of these classes."""
    for command in app.registered_commands:
        _adopt(command)
    if not isinstance(app.info.cls, type):
        app.info.cls = VedetteGroup


def examples_of(path: str) -> tuple[str, ...]:
    """Return the examples of a command.

    Args:
        path: Its full name, such as `vedette dead show`; the first is whatever the shell called the program.
    """
    return EXAMPLES.get(" ".join(path.split()[1:]), ())


def _show_examples(path: str) -> None:
    found = examples_of(path)
    if found:
        typer.echo("\n".join((" Examples:", *(f"   $ {line}" for line in found))))


def _adopt(command: CommandInfo) -> None:
    if command.cls is None or command.cls is TyperCommand:
        command.cls = VedetteCommand


def _with_help_names(options: dict[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = {"help_option_names": list(HELP_NAMES), **(options.get("context_settings") or {})}
    return {**options, "context_settings": settings}


def _hide_types_of_flags(parameters: Sequence[Any]) -> None:
    for parameter in parameters:
        _without_type(parameter)


def _without_type(parameter: Any) -> Any:
    if isinstance(parameter, TyperOption) and parameter.is_flag and parameter.metavar is None:
        parameter.metavar = ""
    return parameter
