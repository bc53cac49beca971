"""Rebuilds a call of a handler from plain values.

A plugin can build a `Call` itself: with an operation that claims to need no scope, a path that changes between the
check and the request, a project to which the issue does not belong. Therefore a call is rebuilt from plain values and
from the table of operations, and its own claims about its target are left out.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vedette.access.context import MODES
from vedette.access.sentences import one_line
from vedette.api.call import Call, Lane
from vedette.api.issue_update import InvalidUpdateError
from vedette.api.operations import Operation

if TYPE_CHECKING:
    from vedette.settings.settings import Mode


def normalize_call(call: Call, operations: Mapping[str, Operation]) -> Call:
    """Return the same call made of plain values and the operation of that name.

    Args:
        call: As a plugin made it.
        operations: Those that it may name.

    Raises:
        InvalidUpdateError: It names another operation, or has values that JSON cannot hold.
    """
    name = str(call.operation.name)
    operation = operations.get(name)
    if operation is None:
        raise InvalidUpdateError(f"There is no operation {name}; docs/api.md lists them.")
    given = call.parameters
    try:
        parameters = {each: _text(given[each]) for each in operation.parameters}
        body: dict[str, Any] | None = None if call.body is None else json.loads(json.dumps(dict(call.body)))
        query = tuple((_text(key), _text(value)) for key, value in call.query)
        because = one_line(_text(call.because))
        ceiling: Mode = next(mode for mode in MODES if mode == call.ceiling)
    except (KeyError, TypeError, ValueError, StopIteration) as error:
        raise InvalidUpdateError(f"This is no call that can be sent: {error}.") from None
    intent = _text(call.intent) if operation.writes else ""
    return Call(
        operation,
        parameters,
        query,
        body,
        lane=max(Lane(call.lane), Lane.WEBHOOK),
        intent=intent or (operation.summary.lower() if operation.writes else ""),
        fresh=bool(call.fresh),
        because=because,
        ceiling=ceiling,
        repeat=None if call.repeat is None else bool(call.repeat),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return str.__str__(value)
