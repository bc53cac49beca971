"""Authorizes a call by the needs, the grant, and the scopes of the token."""

from dataclasses import dataclass, replace

from vedette.access.call_recorder import CallRecorder
from vedette.access.context import CallContext, IntegrationConnection
from vedette.access.message_calls import SEND_MESSAGE, channel_of_call
from vedette.access.prepared_call import Layer, PreparedCall
from vedette.api.call import Answer
from vedette.permissions.authorization import check_call, check_channel, check_token
from vedette.permissions.errors import Denial


@dataclass(frozen=True, slots=True)
class AuthorizationLayer:
    """The layer that denies calls which are not granted, by everything that the call itself says."""

    inner: Layer
    recorder: CallRecorder
    connection: IntegrationConnection

    async def send(self, call: PreparedCall) -> Answer:
        """Pass on a call that is granted.

        Raises:
            AccessDenied: It is not.
        """
        denial = await self._find_denial(call)
        if denial is not None:
            await self.recorder.deny(call, denial)
        return await self.inner.send(replace(call, decision=_decision(call.context)))

    async def _find_denial(self, prepared: PreparedCall) -> Denial | None:
        access, call = prepared.context.access, prepared.call
        if call.operation.name == SEND_MESSAGE.name:
            return check_channel(access, channel_of_call(call))
        denial = check_call(access, call, self.connection.organization)
        return denial or check_token(call, await self.connection.token.get())


def _decision(context: CallContext) -> str:
    """Return the decision on a call that is sent: an operator's order, or the grant."""
    grant = "the grant that comes with it" if context.access.grant.shipped else context.access.table
    return context.order or f"granted by {grant}"
