"""Operations on dashboards; they only read."""

from typing import Final

from vedette.api.operations._operation import ORGANIZATION, Operation
from vedette.api.scopes import ORG_READ

DASHBOARDS: Final = (
    Operation(
        "dashboards.list",
        "GET",
        f"{ORGANIZATION}dashboards/",
        ORG_READ,
        "List the dashboards of the organization",
        answers="list",
        paginated=True,
        page_size="per_page",
    ),
    Operation(
        "dashboards.get",
        "GET",
        f"{ORGANIZATION}dashboards/{{dashboard_id}}/",
        ORG_READ,
        "Read one dashboard with its widgets",
        note="The queries of its widgets, not their results.",
    ),
)
