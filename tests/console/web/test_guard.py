"""The table of requests that the console refuses or answers: host, fetch metadata, origin, cookie, role, route."""

from collections.abc import AsyncIterator
from itertools import product

import pytest
import pytest_asyncio

from console.web.address import ConsoleAddress, is_loopback
from console.web.requests import ConsoleRoute
from console.web.routes import ROUTES
from tests.console.web.consoles import RunningConsole, make_settings, running_console
from vedette.store.console.account import ROLES, Account, Role

OWN = "own"
"""Stands for the console's own origin, whose port is not known before."""
SITES = (None, "same-origin", "same-site", "cross-site", "none")
ORIGINS = (None, OWN, "null", "https://evil.example", "http://127.0.0.1:1")
HOSTS = (None, "evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(redis_server: str) -> AsyncIterator[RunningConsole]:
    async with running_console(make_settings(redis_server)) as running:
        yield running


pytestmark = pytest.mark.asyncio(loop_scope="module")


def is_own(site: str | None, origin: str | None) -> bool:
    """Whether the console's own pages send such a request, by the rule in docs/console.md."""
    if site is None:
        return origin == OWN
    return site == "same-origin" and origin in {None, OWN, "null"}


@pytest.mark.parametrize(("site", "origin"), list(product(SITES, ORIGINS)))
async def test_an_order_comes_from_the_consoles_own_pages(
    served: RunningConsole, site: str | None, origin: str | None
) -> None:
    headers = {"Cookie": f"{served.cookie}={served.sessions['operator']}"}
    headers |= {} if site is None else {"Sec-Fetch-Site": site}
    headers |= {} if origin is None else {"Origin": served.url if origin == OWN else origin}
    answer = await served.http.post("/preferences", data={"theme": "dark"}, headers=headers)
    assert answer.status_code == (303 if is_own(site, origin) else 403)


@pytest.mark.parametrize("host", HOSTS[1:])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_foreign_host_is_refused(served: RunningConsole, host: str, method: str) -> None:
    answer = await served.http.request(method, "/", headers=served.headers("operator", Host=host))
    assert answer.status_code == 421


@pytest.mark.parametrize("host", ["localhost:8651", "127.0.0.1:1234", "[::1]:8651", "LOCALHOST"])
async def test_names_of_this_machine_are_taken(served: RunningConsole, host: str) -> None:
    answer = await served.http.get("/sign-in", headers={"Host": host})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("site", "mode", "dest", "status"),
    [
        (None, None, None, 200),
        ("same-origin", "cors", "empty", 200),
        ("none", "navigate", "document", 200),
        ("cross-site", "navigate", "document", 200),
        ("cross-site", "navigate", "iframe", 403),
        ("cross-site", "no-cors", "image", 403),
        ("same-site", "cors", "empty", 403),
    ],
)
async def test_other_sites_may_link_to_pages_and_not_load_them(
    served: RunningConsole, site: str | None, mode: str | None, dest: str | None, status: int
) -> None:
    words = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
    answer = await served.http.get("/sign-in", headers={name: value for name, value in words.items() if value})
    assert answer.status_code == status


def path_of(route: ConsoleRoute) -> str:
    return route.path.replace("{delivery}", "0" * 26).replace(":path", "").replace("{", "").replace("}", "")


GUARDED = [route for route in ROUTES if route.role is not None]


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: f"{route.method} {route.path}")
@pytest.mark.parametrize("cookie", [None, "", "a-secret-that-was-never-made", "x" * 5000])
async def test_no_route_is_open_without_a_session(
    served: RunningConsole, route: ConsoleRoute, cookie: str | None
) -> None:
    headers = served.headers(None) | ({} if cookie is None else {"Cookie": f"{served.cookie}={cookie}"})
    answer = await served.http.request(route.method, path_of(route), headers=headers)
    is_page = route.method == "GET" and not route.is_api
    assert answer.status_code == (303 if is_page else 401)
    if is_page:
        assert answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize(
    ("route", "role"),
    [(route, role) for route in GUARDED for role in ROLES if not Account("x", role).has_role(route.role or "operator")],
    ids=lambda value: value if isinstance(value, str) else f"{value.method} {value.path}",
)
async def test_a_role_that_is_too_low_is_refused_on_each_route(
    served: RunningConsole, route: ConsoleRoute, role: Role
) -> None:
    before = await served.entries()
    answer = await served.http.request(route.method, path_of(route), headers=served.headers(role))
    assert answer.status_code == 403
    assert await served.entries() == before


async def test_routes_that_change_something_want_more_than_a_viewer() -> None:
    for_all = {route.path for route in ROUTES if route.method == "POST" and route.role in {None, "viewer"}}
    assert for_all == {"/in/{secret}", "/sign-out", "/preferences"}


async def test_each_answer_has_the_protecting_headers(served: RunningConsole) -> None:
    for path in ("/", "/sign-in", "/nowhere", "/static/console.css", "/health/live"):
        answer = await served.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")


async def test_health_is_answered_under_any_name_without_sign_in(served: RunningConsole) -> None:
    for path, state in (("/health/live", "live"), ("/health/ready", "ready")):
        answer = await served.http.get(path, headers={"Host": "10.0.0.7:8651"})
        assert (answer.status_code, answer.json()) == (200, {"status": state})


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9:80", True),
        ("localhost", True),
        ("[::1]", True),
        ("localhost.evil.example", False),
        ("127.0.0.1:80:80", False),
        ("evil.example#localhost", False),
        ("localhost/evil", False),
        ("[", False),
        ("", False),
    ],
)
async def test_loopback_names_are_told_from_others(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


async def test_an_address_below_a_path_has_a_prefix_and_secure_cookies() -> None:
    address = ConsoleAddress("https://ops.example.org/vedette")
    assert (address.prefix, address.origin) == ("/vedette", "https://ops.example.org")
    assert address.cookie == "__Host-vedette"
    assert address.is_host("OPS.example.org")
    assert not address.is_host("ops.example.org:8443")
    assert not address.is_origin("http://ops.example.org", "ops.example.org")
