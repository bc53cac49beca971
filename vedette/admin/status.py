"""The state of an installation: receivers, Redis, workers, queues, tokens, alarms, and what waits for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis.exceptions import NoPermissionError

from vedette.admin.connections import policy_services
from vedette.admin.receiver_probe import ReceiverReadiness, probe_receiver
from vedette.admin.session import AdminSession
from vedette.admin.status_lines import StatusLine, SystemState, lines_of, lines_without_redis
from vedette.alarms.alarms import Alarms
from vedette.api.rate_limits.limiter import HOLDS
from vedette.api.tokens import UnusableTokenError, credential
from vedette.api.transport.stack import account
from vedette.checks.findings import STATES, State
from vedette.checks.watch_state import read_states
from vedette.settings.settings import DEFAULT_INTEGRATION, SettingsError
from vedette.store.access.refused_tokens import RefusedTokens
from vedette.store.figures.figures import read_figures
from vedette.store.receivers.receiver_status import ReceiverStatuses
from vedette.store.server.keys import WATCH
from vedette.store.server.retrying import REDIS_ERRORS

_EXIT_CODES: Mapping[State, int] = {"ok": 0, "unknown": 0, "warn": 1, "broken": 2}


@dataclass(frozen=True)
class SystemStatus:
    """The state of a Vedette installation."""

    lines: tuple[StatusLine, ...]

    @property
    def state(self) -> State:
        """The worst state of all lines; a state that is not known makes it no worse."""
        return max((line.state for line in self.lines), key=lambda state: (_EXIT_CODES[state], -STATES.index(state)))

    @property
    def exit_code(self) -> int:
        """0 for well, 1 for warnings, 2 for broken."""
        return _EXIT_CODES[self.state]

    def to_json_object(self) -> dict[str, Any]:
        """Return the status as programs read it."""
        return {
            "state": self.state,
            "exit_code": self.exit_code,
            "lines": [line.to_json_object() for line in self.lines],
        }


async def get_status(session: AdminSession, receiver_url: str) -> SystemStatus:
    """Return the state of the installation. It never fails for an outage, which is a state itself.

    Args:
        session: The caller.
        receiver_url: The URL at which this process reaches the receiver, without a path.
    """
    readiness = await probe_receiver(receiver_url)
    try:
        return SystemStatus(tuple(lines_of(await _read(session, readiness), session.settings)))
    except REDIS_ERRORS as error:
        return SystemStatus(tuple(lines_without_redis(readiness, error)))


async def _read(session: AdminSession, readiness: ReceiverReadiness) -> SystemState:
    redis, services = session.redis, policy_services(session)
    receivers = ReceiverStatuses(redis)
    # A demonstration has one integration, which no settings name.
    integrations = tuple(session.settings.integrations) or (DEFAULT_INTEGRATION,)
    figures = await read_figures(redis, integrations)
    holds = {name.decode(): int(float(until)) for name, until in (await redis.hgetall(HOLDS)).items()}
    return SystemState(
        readiness=readiness,
        figures=figures,
        receivers=await receivers.all(),
        last_deliveries=await receivers.last_deliveries(),
        server=await _server(session),
        refusals=await RefusedTokens(redis).all(),
        held={name: _held(session, name, holds, figures.at) for name in integrations},
        pauses=await services.budgets.pauses(),
        proposals=len(await services.proposals.waiting()),
        alarms=await Alarms(redis).list_open(),
        watch=read_states(await redis.hgetall(WATCH)),
    )


async def _server(session: AdminSession) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    try:
        for section in ("server", "memory", "persistence"):
            found |= await session.redis.info(section)
    except NoPermissionError:
        # A hosted server may forbid INFO; workers have checked at their start what they could.
        found["is_forbidden"] = True
    return found


def _held(session: AdminSession, integration: str, holds: Mapping[str, int], now: int) -> float:
    """Return for how many seconds a 429 of Sentry holds calls back; 0 for an integration that cannot make any."""
    try:
        found = session.integration_settings(integration)
        name = account(found.sentry_url, found.organization or "", credential(found.token or ""))
    except (SettingsError, UnusableTokenError):
        return 0.0
    until = [microseconds / 1000 for bucket, microseconds in holds.items() if bucket.startswith(f"{name}:")]
    return max(0.0, (max(until, default=0.0) - now) / 1000)
