"""The web shop of the demonstration: its teams, people, projects and first releases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vedette.simulator.world import builders, monitors
from vedette.simulator.world.projects import Commit

if TYPE_CHECKING:
    from vedette.simulator.world.world import World

TEAMS = {
    "storefront": "Storefront",
    "payments": "Payments",
    "fulfilment": "Fulfilment",
    "platform": "Platform",
}
PEOPLE = (
    ("ines@harbour-shop.example", "Inés Okafor", "owner", ("payments", "platform")),
    ("jonas@harbour-shop.example", "Jonas Lindqvist", "manager", ("storefront",)),
    ("mei@harbour-shop.example", "Mei Tanaka", "member", ("payments",)),
    ("tomasz@harbour-shop.example", "Tomasz Zieliński", "member", ("fulfilment",)),
    ("amara@harbour-shop.example", "Amara Diallo", "member", ("platform", "storefront")),
)
# Project -> platform, team.
PROJECTS = {
    "storefront": ("javascript", "storefront"),
    "checkout": ("javascript", "storefront"),
    "payments-api": ("python", "payments"),
    "catalog": ("python", "platform"),
    "orders": ("java", "fulfilment"),
    "warehouse": ("go", "fulfilment"),
    "sandbox": ("python", "platform"),
}
# Ownership rules, of those projects that have some: what has no owner is left for a person.
OWNERSHIP = {
    "payments-api": "path:payments/* #payments",
    "orders": "path:com/harbour/orders/* #fulfilment",
}


def build_shop(world: World) -> None:
    """Fill an empty world with the shop."""
    teams = {slug: builders.add_team(world, slug, name) for slug, name in TEAMS.items()}
    for email, name, role, member_of in PEOPLE:
        builders.add_member(world, email, name, role, [teams[slug] for slug in member_of])
    for slug, (platform, team) in PROJECTS.items():
        project = builders.add_project(world, slug, platform=platform, teams=[teams[team]])
        project.ownership = OWNERSHIP.get(slug, "")
    _add_monitoring(world)
    repository = builders.add_repository(world, "harbour-shop/shop")
    for number in range(3):
        repository.commits.append(commit(world, f"Tidy the basket, part {number + 1}"))
    for slug in PROJECTS:
        next_release(world, slug)


def _add_monitoring(world: World) -> None:
    """Add monitors, a dashboard and an alert rule of the older form."""
    settlement = monitors.add_monitor(
        world, world.project_by_slug["payments-api"], "nightly-settlement", "Nightly settlement"
    )
    for hours, status in ((50, "ok"), (26, "missed"), (2, "ok")):
        monitors.check_in(world, settlement, status, ago=timedelta(hours=hours))
    shop = monitors.add_url_monitor(
        world, world.project_by_slug["storefront"], "https://harbour-shop.example/health", "Shop is up"
    )
    for minutes, status in ((3, 200), (2, 503), (1, 200)):
        monitors.check_url(world, shop, status, ago=timedelta(minutes=minutes))
    monitors.add_dashboard(world, "Checkout health", author=world.user_by_name["ines"])
    monitors.add_metric_rule(
        world, world.project_by_slug["payments-api"], "Many failed payments", owner=world.team_by_slug["payments"]
    )


def commit(world: World, message: str) -> Commit:
    """Return a commit by one of the people."""
    email, name, _, _ = world.random.choice(PEOPLE)
    return Commit(world.hex_id() + world.hex_id()[:8], "harbour-shop/shop", message, name, email, world.clock())


def next_release(world: World, slug: str) -> str:
    """Release a project's next version; return it."""
    project = world.project_by_slug[slug]
    number = sum(1 for release in world.releases.values() if project in release.projects)
    version = f"{slug}@4.{18 + number // 10}.{number % 10}"
    builders.add_release(world, version, [project], commits=[commit(world, f"Work on {slug}")])
    return version
