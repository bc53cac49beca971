"""Every payload we know of, and what a real server sent, becomes its typed event and loses nothing."""

import json
from collections.abc import Callable
from typing import Any, cast

from vedette.events import Event, GenericEvent, parse
from vedette.events.samples import wire

Check = Callable[[object, object], None]
Ask = Callable[[object], None]


def _content(event: Event, body: dict[str, Any]) -> object:
    return body.get("data", body)


def test_every_payload_file_becomes_its_typed_event(
    payload_file: tuple[str, dict[str, Any]], nothing_lost: Check, ask_everything: Ask
) -> None:
    name, payload = payload_file
    resource = name.partition(".")[0]
    event = parse(resource, wire(payload))
    assert not isinstance(event, GenericEvent)
    assert event.resource == resource
    assert any(name.startswith(answered) for answered in event.names)
    assert event.subject
    assert event.deduplication_key
    nothing_lost(event.data, _content(event, payload))
    ask_everything(event)


def test_every_payload_file_comes_back_byte_for_byte(payload_file: tuple[str, dict[str, Any]]) -> None:
    name, payload = payload_file
    event = parse(name.partition(".")[0], wire(payload))
    assert wire(event.to_payload()) == wire(payload)


def test_bytes_text_and_objects_are_read_alike(payload_file: tuple[str, dict[str, Any]]) -> None:
    name, payload = payload_file
    resource = name.partition(".")[0]
    assert parse(resource, wire(payload)) == parse(resource, wire(payload).decode()) == parse(resource, payload)


def _with_unknown_keys(value: object) -> object:
    if isinstance(value, dict):
        known = {key: _with_unknown_keys(child) for key, child in cast("dict[str, object]", value).items()}
        return known | {"sentryInventedThis": {"nested": [1, None, "\u00e4"]}}
    if isinstance(value, list):
        return [_with_unknown_keys(item) for item in cast("list[object]", value)]
    return value


def test_unknown_keys_are_kept_at_every_level(
    payload_file: tuple[str, dict[str, Any]], nothing_lost: Check, ask_everything: Ask
) -> None:
    name, payload = payload_file
    grown = cast("dict[str, Any]", _with_unknown_keys(payload))
    event = parse(name.partition(".")[0], wire(grown))
    nothing_lost(event.data, _content(event, grown))
    ask_everything(event)
    assert event.to_payload() == grown


def test_every_capture_of_a_real_server_becomes_its_typed_event(
    capture: tuple[str, bytes], nothing_lost: Check, ask_everything: Ask
) -> None:
    resource, body = capture
    event = parse(resource, body)
    assert not isinstance(event, GenericEvent)
    nothing_lost(event.data, json.loads(body)["data"])
    ask_everything(event)
    assert wire(event.to_payload()) == body


def test_every_capture_answers_the_common_questions(capture: tuple[str, bytes]) -> None:
    resource, body = capture
    event = parse(resource, body)
    assert event.installation
    assert event.name == f"{resource}.{event.action}"
    assert event.actor.is_user or event.actor.is_sentry
    assert event.subject
    assert event.deduplication_key
    assert event.deduplication_key.startswith(event.installation)
    assert event.organization_slug == ("acme" if resource == "installation" else None)
