"""Who is behind the ids: a history says `team 7`, rules say `#payments`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vedette._core.json_values import json_object
from vedette.search.matching.actors import team_identities, user_identities


@dataclass(frozen=True, slots=True)
class People:
    """People and teams, as far as lists of issues, histories and teams named them."""

    known: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict[tuple[str, str], dict[str, Any]])

    def learn(self, actor: object, kind: str = "") -> None:
        """Remember a user, a team or an assignee as Sentry's API shows it."""
        if not isinstance(actor, dict):
            return
        told = json_object(actor)
        identifier, kind = told.get("id"), kind or str(told.get("type"))
        if identifier is not None and kind in {"user", "team"}:
            name = told.get("slug") if kind == "team" and told.get("slug") else told.get("name")
            found = {"type": kind, "id": str(identifier), "name": name, "email": told.get("email")}
            more = {"username": told["username"]} if told.get("username") else {}
            self.known[kind, str(identifier)] = self.known.get((kind, str(identifier)), {}) | found | more

    def assignee(self, data: Mapping[str, Any]) -> Any:
        """Whom an activity of type `assigned` names, as `assignedTo` would show it; `...` when it names nobody."""
        identifier, kind = data.get("assignee"), str(data.get("assigneeType") or "user").rpartition(".")[2].lower()
        if identifier is None:
            return ...
        bare = {"type": kind, "id": str(identifier), "name": None, "email": data.get("assigneeEmail")}
        return self.known.get((kind, str(identifier)), bare)


def identities(actor: Mapping[str, Any] | None) -> frozenset[str]:
    """All names by which facts and rules know an assignee."""
    if actor is None:
        return frozenset()
    text = {name: str(value) for name, value in actor.items() if value is not None}
    if text.get("type") == "team":
        return frozenset(team_identities(text.get("id"), text.get("name")))
    username = (f"username:{text['username']}",) if "username" in text else ()
    return frozenset((*user_identities(text.get("id"), text.get("email")), *username))


def shown(actor: Mapping[str, Any] | None) -> str:
    """An assignee in words."""
    if actor is None:
        return "nobody"
    name = actor.get("name") or actor.get("email") or actor.get("id")
    return f"#{name}" if actor.get("type") == "team" else str(name)


def learn_all(people: People, actors: Iterable[object], kind: str = "") -> None:
    """Remember several."""
    for actor in actors:
        people.learn(actor, kind)
