"""Tells operators which line of the settings allows an operation to an agent."""

from typing import Final

from vedette.api.operations import Operation
from vedette.permissions.areas import areas_of, level_of
from vedette.permissions.errors import Denial
from vedette.permissions.grants import Grant

_ADVISED_LAST: Final = "destroy-issues"
"""The area that is advised last, as it allows more than others."""


def check_agent_operation(agent: str, grant: Grant, operation: Operation) -> Denial | None:
    """Check that an agent may call an operation.

    Args:
        agent: Its name.
        grant: Its grant, whose operations are exact names.
        operation: The operation.
    """
    if operation.name in grant.operations:
        return None
    scope = operation.scope_to_add
    areas = sorted(areas_of(operation), key=lambda area: area.name == _ADVISED_LAST)
    reason = f"its grant does not allow {operation.name}"
    if areas:
        area = areas[0]
        line = f'{area.name} = "{level_of(operation)}"'
        return Denial(reason, f"write `{line}` under [agents.{agent}.may] in vedette.toml")
    scopes = f'scopes = ["{scope}"] and ' if scope and scope not in grant.scopes else ""
    line = f'{scopes}operations = ["{operation.name}"]'
    return Denial(reason, f"add `{line}` to [agents.{agent}.grant] in vedette.toml")
