"""Defines a tool: its description, the forms of its arguments and of its answer, and the operations that it needs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

import mcp_types as types
from pydantic import BaseModel, ConfigDict

from gateway.mcp.schemas import compact_schema
from gateway.mcp.tool_context import ToolContext
from vedette.permissions.grants import Grant


class ToolArguments(BaseModel):
    """The arguments of a tool; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, str_strip_whitespace=True)


class NoArguments(ToolArguments):
    """The arguments of a tool that takes none."""


Arguments = TypeVar("Arguments", bound=ToolArguments)
Document = dict[str, Any]
"""An answer, as JSON."""


@dataclass(frozen=True)
class Hints:
    """The effects that a tool may have, for hosts that ask a person before some tools."""

    read_only: bool = False
    destructive: bool = False
    idempotent: bool = False
    open_world: bool = True
    """Whether it reaches beyond Vedette, to Sentry."""


READS: Final = Hints(read_only=True, idempotent=True)
READS_VEDETTE: Final = Hints(read_only=True, idempotent=True, open_world=False)


@dataclass(frozen=True)
class Tool(Generic[Arguments]):
    """A tool that agents may call."""

    name: str
    description: str
    arguments: type[Arguments]
    answer: Document
    """JSON Schema of the properties of its answer; those that every answer may have are added."""
    hints: Hints
    run: Callable[[ToolContext, Arguments], Awaitable[Document]]
    needs: tuple[str, ...] = ()
    """Operations of which an agent's grant has to hold one; none: every agent has the tool."""
    is_recorded: bool = False
    """Return whether its calls are recorded by its name, since it may answer without a call to Sentry."""

    def is_for(self, grant: Grant) -> bool:
        """Return whether an agent with this grant has the tool."""
        return not self.needs or any(name in grant.operations for name in self.needs)

    @cached_property
    def definition(self) -> types.Tool:
        """The tool as `tools/list` shows it."""
        return types.Tool(
            name=self.name,
            description=self.description,
            input_schema=compact_schema(self.arguments),
            output_schema={"type": "object", "properties": self.answer},
            annotations=types.ToolAnnotations(
                read_only_hint=self.hints.read_only,
                destructive_hint=self.hints.destructive,
                idempotent_hint=self.hints.idempotent,
                open_world_hint=self.hints.open_world,
            ),
        )
