"""Real input: what a real Sentry server sent, byte for byte."""

import zstandard

from tests.receiver.running import MakeSettings, Store, running
from tests.receiver.sentry import Capture
from vedette.events import parse


async def test_every_captured_request_is_accepted_and_stored_as_it_came(
    make_settings: MakeSettings, captures: list[Capture], store: Store
) -> None:
    secrets = ",".join(sorted({capture.secret for capture in captures}))
    async with running(make_settings(integration={"client_secret": secrets})) as receiver:
        for capture in captures:
            response = await receiver.client.post("/hooks/default", content=capture.body, headers=capture.headers)
            assert response.status_code == 202, capture.name
            kept = store.delivery(response.json()["delivery"])
            body = kept["body"]
            assert (zstandard.decompress(body) if kept["encoding"] == b"zstd" else body) == capture.body
            assert f"{kept['resource'].decode()}.{kept['action'].decode()}" == capture.name
            event = parse(kept["resource"].decode(), capture.body)
            assert kept["subject"].decode() == (event.subject or "")
            assert kept["issue"].decode() == (event.issue_id or "")
            assert kept["state"] == b"accepted"
    assert len(captures) == 8
    assert len(store.ids()) == len(store.queued()) == 8


async def test_a_captured_request_sent_twice_is_a_duplicate(
    make_settings: MakeSettings, captures: list[Capture], store: Store
) -> None:
    capture = captures[0]
    async with running(make_settings(integration={"client_secret": capture.secret})) as receiver:
        first = await receiver.client.post("/hooks", content=capture.body, headers=capture.headers)
        second = await receiver.client.post("/hooks", content=capture.body, headers=capture.headers)
    assert second.status_code == 200
    assert second.json() == {"delivery": first.json()["delivery"], "duplicate": True}
    assert len(store.ids()) == 1
    assert store.delivery(first.json()["delivery"])["duplicates"] == b"1"
