"""Resolves ids of users and teams: a history has `team 7`, rules have `#payments`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vedette._core.json_values import json_object


@dataclass(frozen=True, slots=True)
class People:
    """The users and teams that lists of issues, histories and lists of teams named."""

    known: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict[tuple[str, str], dict[str, Any]])

    def learn(self, actor: object, kind: str = "") -> None:
        """Add a user, a team or an assignee in the form of Sentry's API."""
        if not isinstance(actor, dict):
            return
        shown_actor = json_object(actor)
        identifier, kind = shown_actor.get("id"), kind or str(shown_actor.get("type"))
        if identifier is not None and kind in {"user", "team"}:
            name = shown_actor.get("slug") if kind == "team" and shown_actor.get("slug") else shown_actor.get("name")
            found = {"type": kind, "id": str(identifier), "name": name, "email": shown_actor.get("email")}
            more = {"username": shown_actor["username"]} if shown_actor.get("username") else {}
            self.known[kind, str(identifier)] = self.known.get((kind, str(identifier)), {}) | found | more

    def assignee(self, data: Mapping[str, Any]) -> Any:
        """Return the assignee of an activity `assigned`, in the form of `assignedTo`; `...` if it names none."""
        identifier, kind = data.get("assignee"), str(data.get("assigneeType") or "user").rpartition(".")[2].lower()
        if identifier is None:
            return ...
        bare = {"type": kind, "id": str(identifier), "name": None, "email": data.get("assigneeEmail")}
        return self.known.get((kind, str(identifier)), bare)


def shown(actor: Mapping[str, Any] | None) -> str:
    """Format an assignee for people."""
    if actor is None:
        return "nobody"
    name = actor.get("name") or actor.get("email") or actor.get("id")
    return f"#{name}" if actor.get("type") == "team" else str(name)


def learn_all(people: People, actors: Iterable[object], kind: str = "") -> None:
    """Add several users, teams or assignees."""
    for actor in actors:
        people.learn(actor, kind)
