"""Commands that are imported on first use, so that each starts with its own imports only.

Importing all of them takes more than a second, and `vedette up` starts three of them as processes of their own.
"""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer.main
from typer.core import TyperCommand, TyperGroup

from console.command_help import VedetteCommand, VedetteGroup, adopt

if TYPE_CHECKING:
    from collections.abc import Mapping

Command = TyperCommand | TyperGroup


class Commands(MutableMapping[str, Command]):
    """Commands by name, each imported on first use."""

    def __init__(self, homes: "Mapping[str, str]") -> None:
        """Describe them.

        Args:
            homes: The place of each, as `module:attribute`: a function, or a `typer.Typer` with commands of its own.
        """
        self._homes = dict(homes)
        self._loaded: dict[str, Command] = {}

    def __getitem__(self, name: str) -> Command:
        if name not in self._loaded:
            self._loaded[name] = _load(name, self._homes[name])
        return self._loaded[name]

    def __setitem__(self, name: str, command: Command) -> None:
        self._homes.setdefault(name, "")
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._homes[name]
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)


def group_of(homes: "Mapping[str, str]") -> type[TyperGroup]:
    """Return the class of a group with these commands, for `typer.Typer(cls=...)`."""

    class Group(VedetteGroup):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.commands = Commands(homes)

        def list_commands(self, ctx: object) -> list[str]:
            """Name them without importing them."""
            del ctx
            return list(self.commands)

    return Group


def _load(name: str, home: str) -> Command:
    module, _, attribute = home.partition(":")
    found: Any = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        adopt(found)
        group = typer.main.get_group(found)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False)
    alone.command(name, cls=VedetteCommand)(found)
    command: Any = typer.main.get_command(alone)
    return command
