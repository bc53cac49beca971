"""Looks at one integration as the watchdog does: collects the cheap evidence, judges it, raises and ends alarms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vedette.alarms.alarms import AlarmKind, Alarms
from vedette.checks.demand import Demand
from vedette.checks.evidence_collector import EvidenceCollector
from vedette.checks.findings import Finding
from vedette.checks.integration_checks import CHECKS
from vedette.checks.watch_state import WatchState, WatchStates, first_state

DECISIVE: Final = "arrives"
WATCHED: Final = tuple(check for check in CHECKS if "url" not in check.needs)
_OTHERS_ALARM: Final = frozenset({"token"})
"""Checks of which the alarm is raised where the token is used."""


@dataclass
class IntegrationWatch:
    """The watch over one integration."""

    collector: EvidenceCollector
    states: WatchStates
    alarms: Alarms

    async def look(self, demand: Demand) -> bool:
        """Make the checks once, and store what they found; return whether another look should follow soon.

        Raises:
            redis.exceptions.RedisError: Redis gives no answer.
        """
        integration = self.collector.integration
        evidence = await self.collector.collect(demand, is_cheap=True)
        before = await self.states.of(integration)
        states: dict[str, WatchState] = {}
        for check in WATCHED:
            finding, known = check(evidence), before.get(check.id)
            states[check.id] = known.after(finding, evidence.now) if known else first_state(finding, evidence.now)
        await self.states.write(integration, states)
        await self._alarm(states)
        return any(state.is_suspected for state in states.values())

    async def _alarm(self, states: Mapping[str, WatchState]) -> None:
        decisive = states[DECISIVE].finding
        for name, state in states.items():
            if name in _OTHERS_ALARM:
                continue
            integration, finding = self.collector.integration, state.finding
            kind, subject = alarm_of(integration, name)
            is_told = name != DECISIVE and finding.cause == decisive.cause and decisive.severity > 0
            if finding.state in {"warn", "broken"} and not is_told:
                level = "broken" if finding.state == "broken" else "warning"
                await self.alarms.raise_(kind, subject, _sentence(finding), _command(integration), level=level)
            else:
                await self.alarms.clear(kind, subject)


def alarm_of(integration: str, check: str) -> tuple[AlarmKind, str]:
    """Return the kind and subject of the alarm of a check."""
    return ("sentry_quiet", integration) if check == DECISIVE else ("watch", f"{integration} {check}")


def _sentence(finding: Finding) -> str:
    step = f". To mend it: {finding.mend[0]}" if finding.mend else ""
    return f"{finding.integration}: {finding.says}{step}"


def _command(integration: str) -> str:
    return f"vedette doctor --integration {integration}"
