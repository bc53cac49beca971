"""The verdict on an event query comes with status 200 or 400; both are answers. A file comes as its bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vedette.api.examples import EVENT
from tests.vedette.api.stub import Reply, StubSentry
from vedette.api import OPERATIONS, Call, Sentry
from vedette.api.errors import BadRequest, WrongToken
from vedette.api.response_parsing import as_bytes, read_answer

WRONG = {
    "valid": False,
    "dataset": [{"name": "spans", "valid": True, "error": None}],
    "field": [{"name": "spon.op", "valid": False, "attrType": None, "error": "Unknown attribute"}],
    "query": {"valid": False, "error": "Parse error", "fields": [{"name": "a", "valid": False, "error": "No such"}]},
    "orderby": [],
    "projects": [],
    "environment": [],
}


async def test_a_verdict_with_status_400_is_an_answer(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "*", Reply(400, WRONG))
    verdict = await sentry.events.validate(["spon.op"], sort=["-spon.op"])
    assert not verdict.valid
    assert verdict.errors == ["spon.op: Unknown attribute", "Parse error", "a: No such"]
    assert ("orderby", "-spon.op") in stub.requests[0].query


async def test_the_older_form_of_a_verdict_is_read_too(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "*", Reply(400, {**WRONG, "query": [{"valid": False, "error": "Parse error"}]}))
    assert (await sentry.events.validate(["spon.op"])).errors == ["spon.op: Unknown attribute", "Parse error"]


async def test_a_400_without_a_verdict_is_an_error(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "*", Reply(400, {"detail": "Invalid date range"}))
    with pytest.raises(BadRequest, match="Invalid date range"):
        await sentry.events.validate(["span.op"])
    with pytest.raises(BadRequest):
        await sentry.events.search(["span.op"]).collect()


async def test_an_attachment_is_downloaded_as_it_is(stub: StubSentry, sentry: Sentry) -> None:
    content = b'{"not": "read as JSON"'
    stub.on("GET", "*", Reply(200, content, {"content-type": "application/x-dump; charset=x"}))
    file = await sentry.events.attachment("shop", EVENT, "7")
    assert (file.content, file.content_type) == (content, "application/x-dump")
    assert stub.requests[0].query == [("download", "1")]
    assert "not" not in repr(file)


async def test_an_integration_is_told_before_the_call_that_it_cannot_download(stub: StubSentry) -> None:
    async with Sentry(organization="acme", token=f"sntryi_{'a' * 64}", base_url=stub.url) as sentry:
        with pytest.raises(WrongToken):
            await sentry.events.attachment("shop", EVENT, "7")
    assert stub.requests == []


@given(st.binary(max_size=64))
def test_any_bytes_are_a_file(content: bytes) -> None:
    operation = OPERATIONS["events.attachment"]
    call = Call(operation, dict.fromkeys(operation.parameters, "1"))
    assert as_bytes(call, read_answer(call, 200, {}, content)) == content
