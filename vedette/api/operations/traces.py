"""Operations on traces: their spans and errors, their size, and the attributes that queries on them can name."""

from typing import Final

from vedette.api.operations._operation import ORGANIZATION, Operation
from vedette.api.scopes import ORG_READ

TRACES: Final = (
    Operation(
        "traces.get",
        "GET",
        f"{ORGANIZATION}trace/{{trace_id}}/",
        ORG_READ,
        "Read the spans and errors of a trace",
        answers="list",
        note="A trace can span all projects. One that does not exist is an empty list.",
    ),
    Operation(
        "traces.summary",
        "GET",
        f"{ORGANIZATION}trace-meta/{{trace_id}}/",
        ORG_READ,
        "Read how many spans and errors a trace has",
        standing="private",
    ),
    Operation(
        "traces.attributes",
        "GET",
        f"{ORGANIZATION}trace-items/attributes/",
        ORG_READ,
        "List the attributes that queries on spans, logs and metrics can name",
        answers="list",
        paginated=True,
        standing="private",
    ),
)
