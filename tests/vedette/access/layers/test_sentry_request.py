from typing import Any

import pytest

from vedette.access.layers.sentry_request import SentryRequestLayer
from vedette.api import Answer
from vedette.api.errors import NotFound


async def test_the_issue_in_the_answer_is_cached(prepare: Any, end: Any, connection: Any) -> None:
    call = prepare()
    assert await SentryRequestLayer(connection).send(call) is end.answer
    assert end.only is call.call
    assert connection.issue_cache.issues.get("1").state["status"] == "resolved"


async def test_an_issue_that_the_answer_does_not_show_is_dropped_from_the_cache(
    prepare: Any, end: Any, connection: Any
) -> None:
    end.answer = Answer(201, body={"id": "9"})
    await SentryRequestLayer(connection).send(prepare("issues.comment"))
    assert connection.issue_cache.issues.get("1") is None


async def test_an_error_leaves_the_cache_alone(prepare: Any, end: Any, connection: Any) -> None:
    call = prepare()
    end.error = NotFound(call.call)
    with pytest.raises(NotFound):
        await SentryRequestLayer(connection).send(call)
    assert connection.issue_cache.issues.get("1").state["status"] == "unresolved"
