"""Checks a proposal against the settings and handlers of the present, which may have changed since it was made."""

from collections.abc import Mapping
from datetime import UTC, datetime

from vedette._core.user_error import UserError
from vedette.access.context import mode_in
from vedette.settings.agents import AgentSettings
from vedette.settings.settings import HandlerSettings, Mode
from vedette.store.access.handler_roster import HandlerRoster, RosterHandler
from vedette.store.access.proposals import Proposal

_OFF = "off"


class NotInForceError(UserError):
    """The handler of a proposal is now switched off, gone, or set to observe. The proposal stays open."""

    def __init__(self, proposal: Proposal, reason: str) -> None:
        self.proposal = proposal
        self.reason = reason
        super().__init__(
            f"proposal {proposal.id} was not sent: {reason}. `vedette reject {proposal.id}` drops it; else it expires"
        )


def check_in_force(proposal: Proposal, settings: HandlerSettings | None, roster: HandlerRoster | None) -> None:
    """Check that the handler may still write, by the current settings and the handlers that the workers have loaded.

    Args:
        proposal: The proposed write.
        settings: The current settings of the handler, if it has any.
        roster: The handler list; None if no worker has written it.

    Raises:
        NotInForceError: It may not write.
    """
    reason = _objection(proposal, settings, roster)
    if reason:
        raise NotInForceError(proposal, reason)


def check_agent_in_force(proposal: Proposal, name: str, settings: AgentSettings | None) -> None:
    """Check that an agent may still write, by the current settings.

    Args:
        proposal: The proposed write.
        name: The name of the agent.
        settings: Its current settings, if it has any.

    Raises:
        NotInForceError: It may not write.
    """
    if settings is None:
        raise NotInForceError(proposal, f"the settings no longer have an agent {name}")
    if settings.expires is not None and settings.expires <= datetime.now(UTC):
        raise NotInForceError(proposal, f"agent {name} has expired")
    projects = frozenset(proposal.projects) or (frozenset({proposal.project}) if proposal.project else None)
    if mode_in(projects, settings.mode, settings.modes) == "observe":
        raise NotInForceError(proposal, f"agent {name} is set to observe now")


def _objection(proposal: Proposal, settings: HandlerSettings | None, roster: HandlerRoster | None) -> str:
    name = proposal.handler
    if settings is not None and not settings.enabled:
        return f"{name} is switched off by the settings (enabled = false)"
    if roster is None:
        return "no worker has said which handlers there are: start one"
    loaded = next((one for one in roster.handlers if one.name == name), None)
    if loaded is None:
        return (
            f"no worker has loaded {name}: it was removed, or could not be loaded (`vedette handlers` says which are)"
        )
    if loaded.mode == _OFF:
        return f"{name} is off: {'; '.join(loaded.missing) or 'its settings are missing'}"
    projects = frozenset(proposal.projects) or (frozenset({proposal.project}) if proposal.project else None)
    modes = [_mode(loaded.mode, _modes_of(loaded), projects)]
    if settings is not None:
        modes.append(_mode(settings.mode or loaded.mode, settings.modes, projects))
    if "observe" in modes:
        where = f" in {', '.join(sorted(projects))}" if projects else ""
        return f"{name} is set to observe{where} now"
    return ""


def _mode(mode: str, modes: Mapping[str, Mode], projects: frozenset[str] | None) -> Mode:
    known: Mode = "act" if mode == "act" else "propose" if mode == "propose" else "observe"
    return mode_in(projects, known, modes)


def _modes_of(handler: RosterHandler) -> dict[str, Mode]:
    """Return the modes for some projects, parsed from the handler list, which has them as `shop-*: act`."""
    found: dict[str, Mode] = {}
    for text in handler.modes:
        pattern, _, mode = text.rpartition(": ")
        found[pattern] = "act" if mode == "act" else "propose" if mode == "propose" else "observe"
    return found
