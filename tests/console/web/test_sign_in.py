"""People sign in by a link that works once, stay signed in for a time, and can be signed out by others."""

import asyncio
import json
import re

import httpx2
import pytest

from console.web.sign_in.pages import local_path
from tests.console.web.consoles import RunningConsole, make_settings, running_console
from vedette.store.console import sessions as sessions_module
from vedette.store.console.account import Account
from vedette.store.server.keys import CONSOLE

OPERATOR = Account("inga", "operator")


async def sign_in(console: RunningConsole, account: Account = OPERATOR) -> httpx2.Response:
    secret = await console.services.links.create(account)
    return await console.post(f"/in/{secret}", role=None, Origin="null")


async def test_looking_at_a_link_does_not_use_it_up_and_using_it_does(console: RunningConsole) -> None:
    secret = await console.services.links.create(OPERATOR)
    for _ in range(2):
        shown = await console.get(f"/in/{secret}", role=None)
        assert shown.status_code == 200
        assert shown.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in shown.headers
    used = await console.post(f"/in/{secret}", role=None)
    assert used.status_code == 303
    cookie = used.headers["set-cookie"]
    assert cookie.startswith(f"{console.cookie}=")
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    again = await console.post(f"/in/{secret}", role=None)
    assert again.status_code == 410
    assert "set-cookie" not in again.headers
    assert "vedette console link" in (await console.get(f"/in/{secret}", role=None)).text


async def test_of_many_that_use_a_link_at_once_one_is_signed_in(console: RunningConsole) -> None:
    secret = await console.services.links.create(OPERATOR)
    answers = await asyncio.gather(*(console.post(f"/in/{secret}", role=None) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [303] + [410] * 9


async def test_a_link_ends_after_ten_minutes(console: RunningConsole) -> None:
    secret = await console.services.links.create(OPERATOR)
    _, keys = await console.redis.scan(0, match=f"{CONSOLE}link:*", count=1000)
    (key,) = [key.decode() for key in keys]
    assert secret not in key
    left = await console.redis.register_script("return redis.call('PTTL', KEYS[1])")(keys=[key])
    assert 590_000 < left <= 600_000
    await console.redis.delete(key)
    assert (await console.post(f"/in/{secret}", role=None)).status_code == 410


async def test_redis_holds_no_secret_that_signs_in(console: RunningConsole) -> None:
    link = await console.services.links.create(OPERATOR)
    session = await console.services.sessions.create(OPERATOR, "link")
    token, _ = await console.services.tokens.create(Account("token x", "viewer"), by="inga", lifetime=60)
    _, keys = await console.redis.scan(0, match=f"{CONSOLE}*", count=10_000)
    held = b" ".join(keys)
    for key in keys:
        name = key.decode()
        kind = await console.redis.register_script("return redis.call('TYPE', KEYS[1]).ok")(keys=[name])
        if kind == b"string":
            held += await console.redis.get(name) or b""
        elif kind == b"hash":
            held += repr(await console.redis.hgetall(name)).encode()
    for secret in (link, session, token):
        assert secret.encode() not in held


async def test_after_signing_in_the_page_names_the_person_and_the_role(console: RunningConsole) -> None:
    used = await sign_in(console, Account("<b>inga</b>", "viewer"))
    cookie = used.headers["set-cookie"].partition(";")[0]
    page = await console.http.get("/me", headers={"Cookie": cookie})
    assert "&lt;b&gt;inga" in page.text
    assert "<b>inga" not in page.text
    assert "viewer" in page.text


async def test_signing_out_ends_the_session_for_good(console: RunningConsole) -> None:
    assert (await console.get("/me", role="viewer")).status_code == 200
    out = await console.post("/sign-out", role="viewer")
    assert out.status_code == 303
    assert (await console.get("/me", role="viewer")).status_code == 303


async def test_an_operator_ends_the_session_of_another_and_the_audit_says_so(console: RunningConsole) -> None:
    page = await console.get("/me")
    (found,) = [one for one in await console.services.sessions.all() if one.account.role == "viewer"]
    assert found.id in page.text
    done = await console.post(f"/me/sessions/{found.id}/revoke")
    assert done.status_code == 303
    assert (await console.get("/me", role="viewer")).status_code == 303
    (entry,) = await console.entries()
    assert entry.text("intent") == "ended a session of a viewer"
    assert entry.text("decision") == "ordered by a operator"
    assert (await console.post(f"/me/sessions/{found.id}/revoke")).status_code == 404


async def test_a_session_ends_at_its_absolute_limit_however_much_it_is_used(
    console: RunningConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions_module, "ABSOLUTE", -1)
    secret = await console.services.sessions.create(OPERATOR, "link")
    assert await console.services.sessions.get(secret) is None


async def test_a_session_that_was_altered_signs_nobody_in(console: RunningConsole) -> None:
    secret = await console.services.sessions.create(OPERATOR, "link")
    _, keys = await console.redis.scan(0, match=f"{CONSOLE}session:*", count=1000)
    for text in ("", "[]", "{", json.dumps({"name": "x", "role": "root"}), '"x"', "[" * 10_000):
        for key in keys:
            await console.redis.set(key.decode(), text)
        assert await console.services.sessions.get(secret) is None


@pytest.mark.parametrize(
    "path",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil", "javascript:alert(1)", "", "/a\n/b"],
)
def test_a_place_to_go_back_to_is_a_path_of_the_console(path: str) -> None:
    assert local_path(path) == "/"
    assert local_path("/deliveries?q=issue%3AX") == "/deliveries?q=issue%3AX"


async def test_a_link_from_another_site_is_followed_by_a_reload_that_has_the_cookie(console: RunningConsole) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    page = await console.http.get('/issues/SHOP-4K?a="><b>', headers=headers)
    assert page.status_code == 200
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]*)"', page.text)
    assert found is not None
    assert found[1].startswith("/issues/SHOP-4K?a=")
    assert "<b>" not in page.text.partition("</head>")[0].rpartition("refresh")[2]


async def test_below_a_path_and_behind_a_proxy_all_addresses_have_the_prefix(redis_url: str) -> None:
    settings = make_settings(redis_url, console={"url": "https://ops.example.org/vedette"})
    async with running_console(settings) as console:
        secret = await console.services.links.create(OPERATOR)
        headers = {"Host": "ops.example.org", "Origin": "https://ops.example.org", "Sec-Fetch-Site": "same-origin"}
        for path in (f"/vedette/in/{secret}", f"/in/{secret}"):
            assert (await console.http.get(path, headers=headers)).status_code == 200
        used = await console.http.post(f"/vedette/in/{secret}", headers=headers)
        assert used.headers["location"] == "/vedette/"
        cookie = used.headers["set-cookie"]
        assert cookie.startswith("__Host-vedette=")
        assert "Secure" in cookie
        page = await console.http.get("/vedette/", headers=headers | {"Cookie": cookie.partition(";")[0]})
        assert page.status_code == 200
        links = re.findall(r'(?:href|src|action)="([^"]*)"', page.text)
        assert [link for link in links if not link.startswith(("/vedette/", "#"))] == []


async def test_a_program_signs_in_with_a_token_on_the_api_alone(console: RunningConsole) -> None:
    page = await console.post("/me/tokens", {"name": "grafana", "role": "viewer", "days": "30"})
    found = re.search(r"vdtc_[\w-]+", page.text)
    assert found is not None
    headers = {"Authorization": f"Bearer {found[0]}"}
    assert found[0] not in (await console.get("/me")).text
    assert (await console.http.get("/deliveries", headers=headers)).status_code == 303
    (token,) = await console.services.tokens.all()
    assert token.account == Account("token grafana", "viewer")
    assert (await console.post(f"/me/tokens/{token.id}/revoke")).status_code == 303
    assert await console.services.tokens.get(found[0]) is None
    assert [entry.text("intent") for entry in await console.entries()] == [
        "made the API token grafana (viewer, 30 days)",
        f"revoked the API token {token.id}",
    ]


@pytest.mark.parametrize("fields", [{"name": ""}, {"role": "root"}, {"days": "0"}, {"days": "-1"}, {"days": "9999"}])
async def test_a_token_without_name_role_or_end_is_not_made(console: RunningConsole, fields: dict[str, str]) -> None:
    answer = await console.post("/me/tokens", {"name": "x", "role": "viewer", "days": "30"} | fields)
    assert answer.status_code == 400
    assert await console.services.tokens.all() == []
