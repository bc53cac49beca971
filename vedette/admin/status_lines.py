"""Judges the parts of an installation: one line with a state for each, from values that were read before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vedette.admin.receiver_probe import ReceiverReadiness
from vedette.alarms.alarm_messages import format_duration
from vedette.checks.findings import State
from vedette.checks.watch_state import WatchState
from vedette.settings.settings import Settings
from vedette.store.access.refused_tokens import RefusedToken
from vedette.store.access.write_budgets import EVERY_PRINCIPAL, Pause
from vedette.store.alarms.alarm_records import Alarm
from vedette.store.figures.figures import Figures
from vedette.store.receivers.receiver_status import ReceiverStatus
from vedette.store.server.server_check import SAFE_POLICY

_MEBIBYTE = 1024 * 1024
_FULL = 0.9
"""The share of a server's memory above which there is a warning."""
_LOOKED_AT = 3_600_000
"""Milliseconds after which a finding of the watchdog is out of date."""
_RECENT = 900_000
"""Milliseconds within which a worker has to have met the refusal of a replaced token to be running with it."""


@dataclass(frozen=True)
class StatusLine:
    """The state of one part."""

    name: str
    state: State
    says: str
    command: str = ""
    """The command that shows more, or corrects it."""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The values behind it, for programs."""

    def to_json_object(self) -> dict[str, Any]:
        """Return the line as programs read it."""
        values = {"name": self.name, "state": self.state, "says": self.says, "command": self.command}
        return {**values, "facts": dict(self.facts)}


@dataclass(frozen=True)
class SystemState:
    """The values that the lines are judged from."""

    readiness: ReceiverReadiness
    figures: Figures
    receivers: Sequence[ReceiverStatus]
    last_deliveries: Mapping[tuple[str, str], int]
    server: Mapping[str, Any]
    """What INFO says of the Redis server."""
    refusals: Mapping[tuple[str, str], RefusedToken]
    held: Mapping[str, float]
    """Integration -> seconds for which calls are held back."""
    pauses: Sequence[Pause]
    proposals: int
    alarms: Sequence[Alarm]
    watch: Mapping[tuple[str, str], WatchState]

    def age(self, moment: int) -> str:
        """Return how long ago a moment was, by the server's clock."""
        return format_duration(max(0.0, (self.figures.at - moment) / 1000))


def lines_of(state: SystemState, settings: Settings) -> Iterator[StatusLine]:
    """Yield the lines, in the order of the path of a delivery."""
    yield _receiver(state)
    yield _last_delivery(state)
    yield _spool(state, settings)
    yield _redis(state)
    yield _workers(state)
    yield _queues(state, settings)
    yield from (_integration(state, name) for name in state.held)
    yield _dead(state, settings)
    yield _paused(state)
    yield StatusLine("proposals", "ok", f"{state.proposals or 'none'} waiting", "vedette proposals")
    yield from _watch(state)
    yield from _alarms(state, settings.alarms.channel)


def lines_without_redis(readiness: ReceiverReadiness, error: Exception) -> Iterator[StatusLine]:
    """Yield the lines of an installation with a Redis that does not answer from here."""
    bad: State = "warn" if readiness.status in {"ready", "spooling"} else "broken"
    yield StatusLine("receiver", bad, _readiness(readiness), facts={"status": readiness.status})
    yield StatusLine("redis", "broken", f"does not answer ({error}): start `vedette up`, or correct VEDETTE_REDIS_URL")


def _receiver(state: SystemState) -> StatusLine:
    live = [one for one in state.receivers if one.is_live(state.figures.at / 1000)]
    facts = {"url": state.readiness.url, "status": state.readiness.status, "live": len(live)}
    if state.readiness.status == "unreachable":
        if not live:
            says = f"none is running: none reports to Redis, and none answers at {state.readiness.url}"
            return StatusLine("receiver", "broken", says, "vedette receiver", facts)
        hosts = ", ".join(sorted({one.host for one in live}))
        return StatusLine("receiver", "ok", f"{len(live)} running on {hosts}; not reached from here", facts=facts)
    found: State = "ok" if state.readiness.status == "ready" else "warn"
    found = "broken" if state.readiness.status == "refusing" else found
    return StatusLine("receiver", found, f"{_readiness(state.readiness)}, {len(live)} running", facts=facts)


def _readiness(readiness: ReceiverReadiness) -> str:
    detail = f" ({readiness.detail})" if readiness.detail else ""
    return f"{readiness.status}{detail} at {readiness.url}"


def _last_delivery(state: SystemState) -> StatusLine:
    if not state.last_deliveries:
        return StatusLine("deliveries", "ok", "none has arrived yet", "vedette deliveries")
    (integration, resource), moment = max(state.last_deliveries.items(), key=lambda one: one[1])
    says = f"the last arrived {state.age(moment)} ago: {resource} of {integration}"
    facts = {f"{name} {kind}": at for (name, kind), at in state.last_deliveries.items()}
    return StatusLine("deliveries", "ok", says, "vedette deliveries", facts)


def _spool(state: SystemState, settings: Settings) -> StatusLine:
    live = [one for one in state.receivers if one.is_live(state.figures.at / 1000)]
    records = sum(one.spool_records for one in live)
    age = max((one.spool_age for one in live if one.spool_records), default=0.0)
    facts = {"records": records, "age": age}
    if not all(one.spool_accepts for one in live):
        return StatusLine("spool", "broken", f"takes no more: {records} deliveries are on disk", facts=facts)
    if not records:
        return StatusLine("spool", "ok", "empty", facts=facts)
    found: State = "broken" if age > settings.alarms.spool_age else "warn"
    return StatusLine(
        "spool", found, f"{records} deliveries are on disk, for up to {format_duration(age)}", facts=facts
    )


def _redis(state: SystemState) -> StatusLine:
    info = state.server
    if info.get("is_forbidden"):
        return StatusLine("redis", "unknown", "answers, and its user may not read its state")
    name = f"{info.get('server_name', 'redis')} {info.get('valkey_version') or info.get('redis_version', '')}".strip()
    used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    bound = f" of {most // _MEBIBYTE:,}" if most else ""
    says = f"{name}, {used // _MEBIBYTE:,}{bound} MiB used"
    facts = {"version": name, "used_memory": used, "maxmemory": most, "policy": info.get("maxmemory_policy")}
    if info.get("maxmemory_policy", SAFE_POLICY) != SAFE_POLICY:
        says += f"; its policy {info['maxmemory_policy']} loses deliveries, set {SAFE_POLICY}"
        return StatusLine("redis", "broken", says, facts=facts)
    if most and used > most * _FULL:
        return StatusLine("redis", "warn", f"{says}; it is nearly full", facts=facts)
    if not info.get("aof_enabled") and not info.get("loading"):
        says += "; without an append-only file a crash loses deliveries"
        return StatusLine("redis", "warn", says, facts=facts)
    return StatusLine("redis", "ok", says, facts=facts)


def _workers(state: SystemState) -> StatusLine:
    count = state.figures.workers
    if not count:
        return StatusLine("workers", "broken", "none is running: deliveries wait", "vedette worker", {"count": 0})
    return StatusLine("workers", "ok", f"{count} running", facts={"count": count})


def _queues(state: SystemState, settings: Settings) -> StatusLine:
    figures = state.figures
    depth = sum(queue.depth for queue in figures.queues.values())
    in_flight = sum(queue.in_flight for queue in figures.queues.values())
    says = f"{depth} wait, {in_flight} in flight, {figures.delayed} delayed"
    if depth:
        says += f"; the next has waited for {format_duration(figures.oldest)}"
    limit = settings.alarms.queue_age
    found: State = "broken" if figures.oldest > limit else "warn" if figures.oldest > limit / 2 else "ok"
    facts = {"depth": depth, "in_flight": in_flight, "delayed": figures.delayed, "age": figures.oldest}
    return StatusLine("queues", found, says, "vedette schedule", facts)


def _integration(state: SystemState, name: str) -> StatusLine:
    refused = [one for (integration, _), one in state.refusals.items() if integration == name]
    in_force = [one for one in refused if not one.replaced]
    waiting = state.figures.waiting_for_token.get(name, 0)
    facts: dict[str, Any] = {"integration": name, "refused": bool(in_force), "waiting": waiting}
    title = f"sentry {name}"
    if in_force:
        token = min(in_force, key=lambda one: one.since)
        says = (
            f"refuses the token for {state.age(token.since)} ({token.status} {token.detail}): "
            f"{_count(waiting, 'run waits', 'runs wait')}; start the workers with a new token"
        )
        return StatusLine(title, "broken", says, "vedette runs --state waiting", facts)
    if any(state.figures.at - one.seen < _RECENT for one in refused):
        says = "a worker still runs with a token that was replaced: restart it"
        return StatusLine(title, "warn", says, "vedette runs --state waiting", facts)
    if waiting:
        return StatusLine(title, "ok", f"{_count(waiting, 'run is', 'runs are')} queued after waiting", facts=facts)
    if held := state.held.get(name, 0.0):
        return StatusLine(title, "warn", f"calls are held for {held:.0f} s, after a 429", facts={**facts, "held": held})
    return StatusLine(title, "ok", "its token is not refused, calls are not held back", facts=facts)


def _dead(state: SystemState, settings: Settings) -> StatusLine:
    handlers = sorted(state.figures.dead_by_handler.items(), key=lambda one: (-one[1], one[0]))
    by_handler = f": {', '.join(f'{name} {count}' for name, count in handlers)}" if handlers else ""
    found: State = "warn" if state.figures.dead > settings.alarms.dead else "ok"
    facts = {"count": state.figures.dead, "handlers": dict(handlers)}
    return StatusLine("dead", found, f"{state.figures.dead or 'none'}{by_handler}", "vedette dead", facts)


def _paused(state: SystemState) -> StatusLine:
    if not state.pauses:
        return StatusLine("paused", "ok", "none")
    names = [f"{'all' if one.principal == EVERY_PRINCIPAL else one.principal} by {one.by}" for one in state.pauses]
    return StatusLine("paused", "warn", f"writes of {', '.join(names)}", "vedette resume", {"count": len(names)})


def _watch(state: SystemState) -> Iterator[StatusLine]:
    recent = {key: one for key, one in state.watch.items() if state.figures.at - one.seen * 1000 < _LOOKED_AT}
    for integration in sorted({name for name, _ in recent}):
        findings = {check: one.finding for (name, check), one in sorted(recent.items()) if name == integration}
        bad = {check: one for check, one in findings.items() if one.state in {"warn", "broken"}}
        title, command = f"watch {integration}", f"vedette doctor --integration {integration}"
        facts = {"integration": integration, "checks": {check: one.state for check, one in findings.items()}}
        if not bad:
            yield StatusLine(title, "ok", f"{_count(len(findings), 'check is', 'checks are')} well", command, facts)
            continue
        worst = max(bad.values(), key=lambda one: one.severity)
        more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        yield StatusLine(title, worst.state, f"{worst.says}{more}", command, facts)


def _alarms(state: SystemState, channel: str | None) -> Iterator[StatusLine]:
    if not state.alarms:
        where = "set [alarms] channel to have them sent" if channel is None else f"they are sent to {channel}"
        yield StatusLine("alarms", "ok", f"none; {where}", facts={"channel": channel})
    for alarm in state.alarms:
        found: State = "broken" if alarm.level == "broken" else "warn"
        facts = {"kind": alarm.kind, "subject": alarm.subject, "since": alarm.since, "notified": alarm.notified}
        yield StatusLine("alarm", found, f"{alarm.sentence} (for {state.age(alarm.since)})", alarm.command, facts)


def _count(count: int, one: str, many: str) -> str:
    return f"{count or 'no'} {one if count == 1 else many}"
