"""Records the orders of operators in the audit: who asked for an action, before it is taken."""

from collections.abc import Awaitable, Callable

from vedette.admin.session import AdminSession
from vedette.store.access.audit_log import Audit
from vedette.store.deliveries.deliveries import Deliveries, DeliveryNotFoundError
from vedette.store.runs.dead_letters import NotReplayableError


async def carry_out(
    session: AdminSession, intent: str, act: Callable[[], Awaitable[bool]], *, delivery: str = "", handler: str = ""
) -> bool:
    """Record an order and carry it out; where the audit cannot be written, nothing is done.

    Args:
        session: The caller.
        intent: The action in plain English and past tense, such as `discarded triage on 01m8`.
        act: Does it; returns whether it had an effect.
        delivery: The delivery that it is about.
        handler: The handler that it is about.

    Returns:
        Whether it had an effect; the audit says so if it had none.

    Raises:
        NotReplayableError: The action is not possible.
        DeliveryNotFoundError: There is no such delivery.
        AuditBusyError, UnreadableAuditError: The audit cannot be written.
    """
    audit = Audit(session.redis, session.settings.access.audit_age)
    about = {"handler": handler, "delivery": delivery, **await _issue(session, delivery)}
    order = await audit.append("order", {**about, "intent": intent, "decision": f"ordered by {session.by}"})
    try:
        is_done = await act()
    except (NotReplayableError, DeliveryNotFoundError) as error:
        await audit.append("outcome", {"of": order, **about, "error": str(error)})
        raise
    if not is_done:
        await audit.append("outcome", {"of": order, **about, "error": "it had no effect"})
    return is_done


async def _issue(session: AdminSession, delivery: str) -> dict[str, str]:
    try:
        summary = await Deliveries(session.redis).summary(delivery)
    except DeliveryNotFoundError:
        return {}
    return {"integration": summary.integration, "issue": summary.issue or "", "label": summary.label or ""}
