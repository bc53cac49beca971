"""Compares users and teams in searches with those in payloads.

A search says `#payments`, `jun@harborline.example` or a username; a payload has a team's slug, or a user's id, name
and, unless the organization hides it, address. It never has the username, so that none can confirm one.

Facts about people are identities: `#slug`, `team:ID`, `user:ID`, `email:ADDRESS`, `username:NAME`.
"""

from vedette.search.facts.answers import Answer
from vedette.search.facts.facts import Facts
from vedette.search.matching.conditions import Condition, Missing
from vedette.search.matching.truth import FALSE, TRUE, UNKNOWN, Verdict

SUGGESTED = "suggested"
_OURSELVES = ("me", "my_teams")


def user_identities(identifier: str | None, email: str | None) -> tuple[str, ...]:
    """Identities of a user, from what a payload knows."""
    known = (("user", identifier), ("email", email.lower() if email else None))
    return tuple(f"{kind}:{value}" for kind, value in known if value)


def team_identities(identifier: str | None, slug: str | None) -> tuple[str, ...]:
    """Identities of a team; where payloads say `name`, Sentry writes its slug."""
    return tuple(
        identity
        for identity in (f"#{slug.lower()}" if slug else "", f"team:{identifier}" if identifier else "")
        if identity
    )


class ActorIs:
    """The person or team is that of the search."""

    __slots__ = ("_identity", "_kind", "key")

    def __init__(self, key: str, name: str) -> None:
        self.key = key
        self._kind, self._identity = _identity_of(name)

    @property
    def keys(self) -> tuple[str, ...]:
        """The one key."""
        return (self.key,)

    def verdict(self, facts: Facts, /) -> Verdict:
        """Evaluate the facts; unknown if a person is known, but not by this kind of name."""
        answer = facts.get(self.key)
        if self._identity in answer.values:
            return TRUE
        return FALSE if answer.complete and self._settled(answer) else UNKNOWN

    def _settled(self, answer: Answer) -> bool:
        """Return whether all known people have this kind of name."""
        by_id = "team:" if self._kind == "#" else "user:"
        known = [str(identity) for identity in answer.values]
        counted = [sum(identity.startswith(kind) for identity in known) for kind in (by_id, self._kind)]
        return counted[0] <= counted[1]


class IsOurselves:
    """A person or team is the token's own user (`me`) or one of their teams (`my_teams`)."""

    __slots__ = ("_who", "key")

    def __init__(self, key: str, who: str) -> None:
        self.key = key
        self._who = who

    @property
    def keys(self) -> tuple[str, ...]:
        """The key, and the account of the token."""
        return (self.key, self._who)

    def verdict(self, facts: Facts, /) -> Verdict:
        """Return the verdict on the facts; an integration's token has no user, so it stays unknown there."""
        answer, own = facts.get(self.key), facts.get(self._who)
        if any(identity in answer.values for identity in own.values):
            return TRUE
        unassigned = answer.complete and not answer.values
        return FALSE if unassigned or (answer.complete and own.complete) else UNKNOWN


class AssignedOrSuggested:
    """The assignee, or a suggestion if there is no assignee, as in Sentry."""

    __slots__ = ("_assigned", "_suggested")

    def __init__(self, assigned: Condition, suggested: Condition) -> None:
        self._assigned = assigned
        self._suggested = suggested

    @property
    def keys(self) -> tuple[str, ...]:
        """Assignee and suggestions."""
        return self._assigned.keys + self._suggested.keys

    def verdict(self, facts: Facts, /) -> Verdict:
        """Evaluate the condition on facts."""
        unassigned = Missing("assigned").verdict(facts)
        return self._assigned.verdict(facts) | (unassigned & self._suggested.verdict(facts))


class AssignedOrSuggestedNobody:
    """There is neither an assignee nor a suggestion."""

    __slots__ = ()
    keys = ("assigned", SUGGESTED)

    def verdict(self, facts: Facts, /) -> Verdict:
        """Evaluate the condition on facts."""
        return Missing("assigned").verdict(facts) & Missing(SUGGESTED).verdict(facts)


def actor_condition(key: str, name: str) -> Condition:
    """Return the condition that the key's person or team is the one of that name."""
    if key == "assigned_or_suggested":
        if name == "none":
            return AssignedOrSuggestedNobody()
        return AssignedOrSuggested(actor_condition("assigned", name), actor_condition(SUGGESTED, name))
    if name == "none":
        return Missing(key)
    if name in _OURSELVES:
        return IsOurselves(key, name)
    return ActorIs(key, f"#{name.removeprefix('#')}" if key == "team" else name)


def _identity_of(name: str) -> tuple[str, str]:
    """Which kind of identity decides, and the identity."""
    if name.startswith("#"):
        return "#", name.lower()
    if "@" in name:
        return "email:", f"email:{name.lower()}"
    if name.isdecimal():
        return "user:", f"user:{name}"
    return "username:", f"username:{name}"
