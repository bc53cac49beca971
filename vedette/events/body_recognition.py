"""Recognises the resource of a webhook's body, which its header says and a file does not."""

from collections.abc import Mapping
from typing import Any

from vedette.events.catalog import RESOURCES, Resource, canonical_action, check_promises
from vedette.events.errors import InvalidPayload


class UnknownBodyError(ValueError):
    """A body of no known kind, or of one of several."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(f"could be of {' or '.join(names)}" if names else "is of no kind that Vedette knows")


def recognise_resource(body: Mapping[str, Any]) -> str:
    """Return the resource with the most required keys, all of which the body has.

    Raises:
        UnknownBodyError: There is none, or several.
    """
    fitting = [resource for resource in RESOURCES.values() if _fits(resource, body)]
    # A body with an issue and an activity keeps the promises of `issue` too.
    most = max((len(resource.objects) for resource in fitting), default=0)
    names = tuple(resource.name for resource in fitting if len(resource.objects) == most)
    if len(names) != 1:
        raise UnknownBodyError(names)
    return names[0]


def _fits(resource: Resource, body: Mapping[str, Any]) -> bool:
    action = body.get("action")
    if resource.enveloped and canonical_action(resource.name, str(action)) not in resource.actions:
        return False
    try:
        check_promises(resource, body)
    except InvalidPayload:
        return False
    return resource.enveloped or action is None
