"""Operations on single events, of an issue, a project or the organization."""

from typing import Final

from vedette.api.operations._operation import ISSUE, ORGANIZATION, PROJECT, Limit, Operation
from vedette.api.scopes import EVENT_READ, ORG_READ, PROJECT_READ

_EVENT: Final = f"{PROJECT}events/{{event_id}}/"
_ATTACHMENTS: Final = f"{_EVENT}attachments/"
_NO_EVENT_SCOPE: Final = "No `event:` scope opens it."

EVENTS: Final = (
    Operation(
        "events.list_for_issue",
        "GET",
        f"{ISSUE}events/",
        EVENT_READ,
        "List the events of an issue, newest first",
        answers="list",
        paginated=True,
        page_size="per_page",
        note="The last 90 days unless start and end are given.",
    ),
    Operation(
        "events.get_for_issue",
        "GET",
        f"{ISSUE}events/{{event_id}}/",
        EVENT_READ,
        "Read one event of an issue, also `latest`, `oldest` or `recommended`",
        limit=Limit(15, 1),
        note="Answers 404 for seconds after an issue is born: the event store lags.",
    ),
    Operation(
        "events.list_for_project",
        "GET",
        f"{PROJECT}events/",
        PROJECT_READ,
        "List the error events of a project, newest first",
        answers="list",
        paginated=True,
        limit=Limit(60, 60, concurrent=2),
        note=_NO_EVENT_SCOPE,
    ),
    Operation("events.get", "GET", _EVENT, PROJECT_READ, "Read one event of a project", note=_NO_EVENT_SCOPE),
    Operation(
        "events.stored",
        "GET",
        f"{_EVENT}json/",
        PROJECT_READ,
        "Download one event as it is stored, which is the form that webhooks carry",
        answers="bytes",
        standing="experimental",
        note=_NO_EVENT_SCOPE,
    ),
    Operation(
        "events.search",
        "GET",
        f"{ORGANIZATION}events/",
        ORG_READ,
        "Query events of the organization as a table of fields",
        paginated=True,
        page_size="per_page",
        note="Rows are under `data`, the fields' types under `meta`.",
    ),
    Operation(
        "events.validate",
        "GET",
        f"{ORGANIZATION}events/validate/",
        ORG_READ,
        "Check the fields, query and sorting of an event query without running it",
        standing="experimental",
        verdict="valid",
        note="400 with the findings in its body means: not valid.",
    ),
    Operation(
        "events.attachments",
        "GET",
        _ATTACHMENTS,
        PROJECT_READ,
        "List the attachments of an event",
        answers="list",
        paginated=True,
    ),
    Operation(
        "events.attachment",
        "GET",
        f"{_ATTACHMENTS}{{attachment_id}}/",
        PROJECT_READ,
        "Download an attachment of an event",
        answers="bytes",
        standing="private",
        needs_person=True,
        note="Sentry asks for the role of a member. Without `download=1` the answer describes the file.",
    ),
    Operation(
        "events.source_maps",
        "GET",
        f"{_EVENT}source-map-debug/",
        PROJECT_READ,
        "Read why source maps did or did not apply to an event",
    ),
    Operation(
        "events.committers",
        "GET",
        f"{_EVENT}committers/",
        PROJECT_READ,
        "Read the suspect commits of an event and their authors",
        standing="private",
        note="404 also means: none known.",
    ),
    Operation(
        "events.owners",
        "GET",
        f"{_EVENT}owners/",
        PROJECT_READ,
        "Read who the ownership rules name for an event",
        standing="private",
    ),
)
