"""Which host a call goes to, and that the token goes nowhere else."""

from typing import Any

import pytest

from tests.vedette.api.stub import TOKEN, Reply, StubSentry, issue, serving
from vedette.api import HttpTransport, Sentry, credential
from vedette.api.errors import SentryUnreachable, WrongToken
from vedette.api.transport.regions import Hosts, RegionalTransport, hosts, trusted

REGION = "/api/0/organizations/acme/region/"
ORGANIZATION = "/api/0/organizations/acme/"


@pytest.mark.parametrize(
    ("url", "region", "found"),
    [
        ("https://sentry.io", None, Hosts("https://sentry.io", None)),
        ("https://sentry.io", "https://de.sentry.io", Hosts("https://sentry.io", "https://de.sentry.io")),
        ("https://sentry.io", "https://de.sentry.io.evil.example.com", Hosts("https://sentry.io", None)),
        ("https://us2.sentry.io", None, Hosts("https://sentry.io", "https://us2.sentry.io")),
        ("https://acme.sentry.io", None, Hosts("https://sentry.io", None)),
        ("https://sentry.acme.example", None, Hosts("https://sentry.acme.example", "https://sentry.acme.example")),
        ("https://evilsentry.io", None, Hosts("https://evilsentry.io", "https://evilsentry.io")),
    ],
)
def test_hosts_are_told_from_the_address(url: str, region: str | None, found: Hosts) -> None:
    assert hosts(url, region) == found


@pytest.mark.parametrize(
    "url",
    [
        "http://us.sentry.io",
        "https://us.sentry.io.evil.example.com",
        "https://evilsentry.io",
        "https://us.sentry.io:8443",
        "https://a:b@us.sentry.io",
        "https://us.sentry.io?x=1",
        "https://[broken",
        "",
    ],
)
def test_the_token_is_not_sent_to_just_anybody(url: str) -> None:
    assert not trusted(url)


def test_regions_of_sentry_are_trusted() -> None:
    assert trusted("https://us.sentry.io")
    assert trusted("https://eu7.sentry.io/")


async def use(control: StubSentry, region: StubSentry, calls: int = 2, *, trust: bool = True) -> None:
    made: list[HttpTransport] = []
    async with serving(region) as region_url:

        def make(url: str) -> HttpTransport:
            address = region_url if url == "https://de.sentry.io" else url
            made.append(HttpTransport(address, credential(TOKEN)))
            return made[-1]

        regional = RegionalTransport("acme", Hosts(control.url, None), make, trust=lambda _: trust)
        sentry = Sentry(organization="acme", transport=regional)
        try:
            for _ in range(calls):
                await sentry.issues.get("42")
            await sentry.apps.list()
        finally:
            for each in made:
                await each.aclose()


def answering(*paths: tuple[str, Any], status: int = 200) -> StubSentry:
    stub = StubSentry()
    for path, body in paths:
        stub.on("GET", path, Reply(status, body))
    return stub


async def test_the_region_is_found_once_and_used_for_all_but_the_main_hosts_own(stub: StubSentry) -> None:
    stub.on("GET", REGION, Reply(200, {"name": "de", "url": "https://de.sentry.io/"}))
    stub.on("GET", "/api/0/organizations/acme/sentry-apps/", Reply(200, []))
    region = answering(("/api/0/organizations/acme/issues/42/", issue()))
    await use(stub, region)
    assert [request.path for request in stub.requests] == [REGION, "/api/0/organizations/acme/sentry-apps/"]
    assert len(region.requests) == 2


async def test_the_organization_tells_its_region_where_the_look_up_is_forbidden(stub: StubSentry) -> None:
    stub.on("GET", REGION, Reply(403, {"detail": "No."}))
    stub.on(
        "GET", ORGANIZATION, Reply(200, {"id": "1", "slug": "acme", "links": {"regionUrl": "https://de.sentry.io"}})
    )
    stub.on("GET", "/api/0/organizations/acme/sentry-apps/", Reply(200, []))
    region = answering(("/api/0/organizations/acme/issues/42/", issue()))
    await use(stub, region)
    assert len(region.requests) == 2


@pytest.mark.parametrize("trust", [True, False])
async def test_without_a_region_to_trust_calls_go_by_the_main_host(trust: bool, stub: StubSentry) -> None:
    stub.on("GET", REGION, Reply(404) if trust else Reply(200, {"url": "https://de.sentry.io"}))
    stub.on("GET", ORGANIZATION, Reply(200, {"id": "1", "slug": "acme", "links": {"regionUrl": ""}}))
    stub.on("GET", "/api/0/organizations/acme/issues/42/", Reply(200, issue()))
    stub.on("GET", "/api/0/organizations/acme/sentry-apps/", Reply(200, []))
    region = StubSentry()
    await use(stub, region, trust=trust)
    assert region.requests == []
    assert [request.path for request in stub.requests].count(REGION) == 1


async def test_a_region_that_cannot_be_asked_now_is_asked_again(stub: StubSentry) -> None:
    def make(url: str) -> HttpTransport:
        return HttpTransport(url, credential(TOKEN))

    regional = RegionalTransport("acme", Hosts("http://127.0.0.1:1", None), make)
    sentry = Sentry(organization="acme", transport=regional)
    for _ in range(2):
        with pytest.raises(SentryUnreachable):
            await sentry.issues.get("42")


@pytest.mark.parametrize(
    ("token", "says"),
    [
        ("sntryi_0f3c", "an integration token cannot do this. Use the token of a person who holds member:admin"),
        ("https://key@o1.ingest.sentry.io/7", "a DSN cannot do this"),
        ("sntrys_e30_0f3c", "an organization token cannot do this"),
    ],
)
async def test_the_wrong_kind_of_token_is_said_before_the_call(token: str, says: str, stub: StubSentry) -> None:
    async with HttpTransport(stub.url, credential(token)) as http:
        with pytest.raises(WrongToken, match=says) as caught:
            await Sentry(organization="acme", transport=http).members.remove("3")
    assert caught.value.status is None
    assert stub.requests == []


async def test_a_dsn_sends_feedback(stub: StubSentry) -> None:
    stub.on("POST", "*", Reply(200, {"id": "1"}))
    async with HttpTransport(stub.url, credential("https://key@o1.ingest.sentry.io/7")) as http:
        sentry = Sentry(organization="acme", transport=http)
        await sentry.projects.send_feedback(
            "shop", event="f" * 32, name="Ann", email="ann@acme.example", comments="Hm."
        )
    assert stub.requests[0].headers["authorization"] == "DSN https://key@o1.ingest.sentry.io/7"
