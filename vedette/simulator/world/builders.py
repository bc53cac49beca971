"""Builders of a world: teams, people, projects, releases, integrations and tokens, without webhooks.

They are functions rather than methods, so that `World` stays a store; each returns the new object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.api.scopes import expand
from vedette.simulator.world.integrations import Integration, Token
from vedette.simulator.world.issues import StoredAttachment
from vedette.simulator.world.people import Member, Team, User
from vedette.simulator.world.projects import ClientKey, Commit, Project, Release, Repository

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from vedette.simulator.world.issues import Event
    from vedette.simulator.world.world import World

INTEGRATION_SCOPES = ("event:admin", "project:read", "project:releases", "org:read", "team:read", "member:read")
"""What a triage bot with deletes would be granted; more is given where a test wants it."""


def add_team(world: World, slug: str, name: str | None = None) -> Team:
    """Add a team."""
    team = Team(world.next_id("team"), slug, name or slug, world.clock())
    world.teams[team.id] = world.team_by_slug[slug] = team
    return team


def add_member(world: World, email: str, name: str = "", role: str = "member", teams: Iterable[Team] = ()) -> Member:
    """Add a person who has joined; `member.user` is the account."""
    username = email.split("@", maxsplit=1)[0]
    user = User(world.next_id("user"), name or username, username, email, world.clock())
    member = Member(world.next_id("member"), email, role, world.clock(), user)
    member.team_roles = dict.fromkeys((team.id for team in teams), None)
    world.users[user.id] = world.user_by_name[username] = world.user_by_name[email] = user
    world.members[member.id] = member
    return member


def invite_member(world: World, email: str, role: str = "member", inviter: str | None = None) -> Member:
    """Add a pending invitation."""
    member = Member(world.next_id("member"), email, role, world.clock(), inviter=inviter)
    world.members[member.id] = member
    return member


def add_project(
    world: World, slug: str, *, name: str | None = None, platform: str | None = "python", teams: Iterable[Team] = ()
) -> Project:
    """Add a project with its client key."""
    project = Project(
        world.next_id("project"),
        slug,
        name or slug.replace("-", " ").title(),
        platform,
        world.clock(),
        public_key=world.hex_id(),
        teams=list(teams),
    )
    project.keys.append(ClientKey(project.public_key, project.public_key[::-1], "Default", project.created))
    world.projects[project.id] = world.project_by_slug[slug] = project
    return project


def add_attachment(world: World, event: Event, name: str, content: bytes, content_type: str) -> StoredAttachment:
    """Add a file to an event, as an application's SDK would have sent it."""
    attachment = StoredAttachment(world.next_id("attachment"), name, content, content_type, event.when)
    world.attachments.setdefault(event.id, []).append(attachment)
    return attachment


def add_release(
    world: World,
    version: str,
    projects: Iterable[Project],
    *,
    commits: Iterable[Commit] = (),
    released: datetime | None = None,
) -> Release:
    """Add a release; later ones count as newer."""
    release = Release(world.next_id("release"), version, world.clock(), list(projects), released, commits=list(commits))
    world.releases[version] = release
    return release


def add_repository(world: World, name: str, commits: Iterable[Commit] = ()) -> Repository:
    """Add a connected repository with commits that `inCommit` may name."""
    repository = Repository(world.next_id("repository"), name, world.clock(), list(commits))
    world.repositories[repository.id] = repository
    return repository


def add_integration(
    world: World,
    name: str = "Vedette",
    *,
    slug: str | None = None,
    client_secret: str = "",
    webhook_url: str | None = None,
    events: tuple[str, ...] = ("issue", "error", "comment"),
    scopes: tuple[str, ...] = INTEGRATION_SCOPES,
) -> Integration:
    """Add an internal integration, installed; without a secret it gets a generated one."""
    integration = Integration(
        id=world.next_id("integration"),
        slug=slug or name.lower().replace(" ", "-"),
        name=name,
        uuid=world.uuid(),
        installation=world.uuid(),
        client_secret=client_secret or world.hex_id() + world.hex_id(),
        created=world.clock(),
        scopes=tuple(sorted(expand(scopes))),
        events=events,
        webhook_url=webhook_url,
    )
    world.integrations[integration.slug] = integration
    return integration


def add_token(
    world: World,
    kind: str,
    scopes: Iterable[str],
    *,
    secret: str = "",
    user: User | None = None,
    integration: Integration | None = None,
    expires: datetime | None = None,
) -> Token:
    """Add a token: internal, user, app, organization or api_key. Its scopes are expanded, as Sentry does on saving."""
    prefix = {"internal": "sntryi_", "user": "sntryu_", "app": "sntrya_", "organization": "sntrys_"}.get(kind, "")
    secret = secret or prefix + world.hex_id() + world.hex_id()
    token = Token(secret, kind, expand(scopes), user, integration, expires)
    world.tokens[secret] = token
    return token
