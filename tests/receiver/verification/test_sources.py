"""Service hooks, legacy webhooks and UI components: their own routes, secrets and rules."""

import asyncio
import json
from pathlib import Path

from receiver.endpoints.ui_components import ComponentAnswer, ComponentRequest, Responder
from tests.receiver.running import MakeSettings, Running, Store, running
from tests.receiver.sentry import SECRET, hook_headers, issue_body, sign, wire

PATH = "a-long-secret-path-of-the-tests"
HOOK_SECRET = "hook-secret-of-the-tests"


async def test_a_service_hook_comes_in_with_its_own_secret_only(
    make_settings: MakeSettings, store: Store, shared: Path
) -> None:
    body = wire(json.loads((shared / "sentry" / "payloads" / "service_hook.event_alert.json").read_text()))
    async with running(make_settings(integration={"service_hook_secret": HOOK_SECRET})) as receiver:

        async def post(secret: str, header: str = "X-ServiceHook-Signature") -> int:
            headers = {header: sign(body, secret), "X-ServiceHook-Timestamp": "1795419489"}
            return (await receiver.client.post("/service-hooks/default", content=body, headers=headers)).status_code

        assert await post(SECRET) == 401
        assert await post(HOOK_SECRET, "Sentry-Hook-Signature") == 401
        assert await post(HOOK_SECRET) == 202
        crossed = await receiver.client.post("/hooks", content=body, headers=hook_headers(body, secret=HOOK_SECRET))
        assert crossed.status_code == 401
    kept = store.delivery(store.ids()[0])
    assert (kept["source"], kept["resource"], kept["issue"]) == (b"service_hook", b"service_hook", b"6941180273")
    assert kept["sent"] == b"1795419489"
    assert HOOK_SECRET.encode() not in b"".join(kept.values())


async def test_a_legacy_webhook_comes_in_by_its_secret_path_only(
    make_settings: MakeSettings, store: Store, shared: Path
) -> None:
    body = wire(json.loads((shared / "sentry" / "payloads" / "legacy_webhook.json").read_text()))
    async with running(make_settings(integration={"legacy_path": PATH})) as receiver:
        for path in ("guess", PATH[:-1], PATH.upper(), f"{PATH}x", "%00"):
            assert (await receiver.client.post(f"/legacy/default/{path}", content=body)).status_code == 404
        assert (await receiver.client.post(f"/legacy/nobody/{PATH}", content=body)).status_code == 404
        assert (await receiver.client.post(f"/legacy/default/{PATH}", content=body)).status_code == 202
        assert (await receiver.client.post(f"/legacy/default/{PATH}/", content=body)).status_code == 200
    kept = store.delivery(store.ids()[0])
    assert (kept["source"], kept["resource"], kept["subject"]) == (b"legacy", b"legacy_webhook", b"issue:6941180273")
    assert PATH.encode() not in b"".join(kept.values())


class Directory:
    """Responders of the tests."""

    def __init__(self) -> None:
        self.asked: list[ComponentRequest] = []

    def find(self, integration: str, name: str) -> Responder | None:
        return {"options": self.options, "slow": self.slow, "broken": self.broken}.get(name) if integration else None

    async def options(self, request: ComponentRequest) -> ComponentAnswer:
        self.asked.append(request)
        return ComponentAnswer([{"label": "Ships", "value": "1"}])

    async def slow(self, request: ComponentRequest) -> ComponentAnswer:
        await asyncio.sleep(30)
        return ComponentAnswer({"asked": request.name})

    async def broken(self, request: ComponentRequest) -> ComponentAnswer:
        raise RuntimeError(request.name)


async def ask(receiver: Running, name: str, body: bytes, signed: bytes, method: str = "POST") -> tuple[int, object]:
    headers = {"Sentry-App-Signature": sign(signed)}
    path = f"/ui/default/{name}?query=a"
    response = await receiver.client.request(method, path, content=body, headers=headers)
    return response.status_code, response.json()


async def test_a_ui_component_is_answered_at_once_by_its_responder(make_settings: MakeSettings, store: Store) -> None:
    directory = Directory()
    async with running(make_settings(component_timeout=0.2), directory) as receiver:
        assert await ask(receiver, "options", b"{}", b"{}") == (200, [{"label": "Ships", "value": "1"}])
        # A GET's signature is over nothing.
        assert (await ask(receiver, "options", b"", b"", "GET"))[0] == 200
        assert (await ask(receiver, "options", b"{}", b""))[0] == 401
        assert (await ask(receiver, "nobody", b"{}", b"{}"))[0] == 404
        assert (await ask(receiver, "slow", b"{}", b"{}"))[0] == 500
        assert (await ask(receiver, "broken", b"{}", b"{}")) == (500, {"message": "Vedette could not answer"})
        hook = issue_body()
        response = await receiver.client.post("/ui/default/options", content=hook, headers=hook_headers(hook))
        assert response.status_code == 401
    assert [request.query for request in directory.asked] == ["query=a", "query=a"]
    assert store.ids() == []


async def test_without_responders_a_component_is_not_found_after_its_signature(receiver: Running) -> None:
    assert (await ask(receiver, "options", b"{}", b"x"))[0] == 401
    assert (await ask(receiver, "options", b"{}", b"{}"))[0] == 404
