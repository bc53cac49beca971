"""The base of all groups of operations: makes a call from the table, sends it, reads the answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError

from vedette.api.cache import Memory
from vedette.api.call import Answer, Call, CallOptions, Lane, Query, Transport, pairs
from vedette.api.change import GONE_ALREADY, HELD_BACK, Written
from vedette.api.errors import Detail, NotFound, UnreadableAnswer
from vedette.api.log import client_log
from vedette.api.models import Issue, SentryModel
from vedette.api.operations import OPERATIONS
from vedette.api.response_parsing import as_list, as_object
from vedette.api.server_record import Server

Model = TypeVar("Model", bound=SentryModel)


class NamesIssue(Protocol):
    """An object that belongs to an issue: an event, an issue."""

    @property
    def issue_id(self) -> str | None:
        """Id of the issue."""
        ...


IssueReference = str | Issue | NamesIssue
"""An id, a short id, an issue that was read, or an event that names one."""


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """A transport together with the organization, the priority and the caches of a client."""

    transport: Transport
    organization: str
    lane: Lane = Lane.WEBHOOK
    memory: Memory = field(default_factory=Memory)
    options: CallOptions = field(default_factory=CallOptions)
    server: Callable[[], Server] = Server
    """Returns the known differences of the server."""

    def call(
        self,
        name: str,
        parameters: Mapping[str, str] | None = None,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        intent: str = "",
        **more: Any,
    ) -> Call:
        """Make a call from the table; the organization is filled in where the path wants it."""
        operation = OPERATIONS[name]
        values = {"organization_id_or_slug": self.organization, **(parameters or {})}
        return Call(
            operation=operation,
            parameters={name: values[name] for name in operation.parameters},
            query=pairs(query or {}),
            body=body,
            lane=self.lane,
            intent=intent,
            because=self.options.because,
            ceiling=self.options.ceiling,
            **more,
        )

    async def send(self, call: Call) -> Answer:
        """Send it through the layers of the transport."""
        return await self.transport.send(call)

    async def write(self, call: Call) -> Answer:
        """Send a write, and log it once it is done."""
        answer = await self.transport.send(call)
        if answer.sent and call.operation.writes:
            log = client_log()
            log.info(
                call.intent or call.operation.summary,
                operation=call.operation.name,
                **({"issue": call.issue} if call.issue else {}),
            )
        return answer

    async def write_object(self, model: type[Model], call: Call) -> Written[Model]:
        """Send a write that Sentry answers with an object."""
        answer = await self.write(call)
        if not answer.sent:
            return Written(call.intent, changed=False, skipped=HELD_BACK)
        return Written(call.intent, changed=True, result=validated(model, as_object(call, answer), call, answer))

    async def remove(self, call: Call) -> Written[None]:
        """Send a deletion; a missing object counts as deleted already."""
        try:
            answer = await self.write(call)
        except NotFound:
            return Written(call.intent, changed=False, skipped=GONE_ALREADY)
        return Written(call.intent, changed=answer.sent, skipped=None if answer.sent else HELD_BACK)

    async def read(self, model: type[Model], call: Call) -> Model:
        """Send it and read one object."""
        answer = await self.send(call)
        return validated(model, as_object(call, answer), call, answer)

    async def read_list(self, model: type[Model], call: Call) -> list[Model]:
        """Send it and read a list that comes in one piece."""
        answer = await self.send(call)
        return [validated(model, item, call, answer) for item in as_list(call, answer)]


class ApiResource:
    """Operations that share a client's caller."""

    def __init__(self, core: ApiCaller) -> None:
        self._core = core


def validated(model: type[Model], data: object, call: Call, answer: Answer) -> Model:
    """Return the data as a model.

    Raises:
        UnreadableAnswer: a field that the model needs is missing or of another type; the error names it, not its value.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        places = [".".join(str(part) for part in each["loc"]) or "the whole" for each in error.errors()]
        text = f"not as expected of {model.__name__}: {', '.join(places)}"
        raise UnreadableAnswer(call, status=answer.status, detail=Detail(text), headers=answer.headers) from None
