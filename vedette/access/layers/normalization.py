"""Rebuilds a call from plain values, so that no later layer reads what a plugin made up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vedette.access.call_normalization import normalize_call
from vedette.access.call_recorder import CallRecorder
from vedette.access.prepared_call import Layer, PreparedCall
from vedette.api.call import Answer
from vedette.api.issue_update import InvalidUpdateError
from vedette.api.operations import Operation


@dataclass(frozen=True, slots=True)
class NormalizationLayer:
    """The layer that rebuilds calls from the table of operations."""

    inner: Layer
    recorder: CallRecorder
    operations: Mapping[str, Operation]
    """The operations that may enter the chain, by name."""

    async def send(self, call: PreparedCall) -> Answer:
        """Pass on the rebuilt call.

        Raises:
            InvalidUpdateError: It names no known operation, or has values that JSON cannot hold.
        """
        try:
            rebuilt = normalize_call(call.call, self.operations)
        except InvalidUpdateError as error:
            await self.recorder.record_malformed(call, error)
            raise
        # Sentry may need a moment until it knows the issue that the delivery has named.
        is_subject = rebuilt.parameters.get("issue_id") == call.context.subject != ""
        rebuilt = replace(
            rebuilt,
            fresh=rebuilt.fresh or is_subject,
            passes_on=call.context.passes_on and not rebuilt.operation.writes,
            before_send=call.context.before_send,
        )
        return await self.inner.send(replace(call, call=rebuilt, reason=rebuilt.because))
