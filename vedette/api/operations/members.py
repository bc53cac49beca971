"""Operations on the members of the organization."""

from typing import Final

from vedette.api.operations._operation import ORGANIZATION, Limit, Operation
from vedette.api.scopes import MEMBER_ADMIN, MEMBER_INVITE, MEMBER_READ

_MEMBERS: Final = f"{ORGANIZATION}members/"
_MEMBER: Final = f"{ORGANIZATION}members/{{member_id}}/"

MEMBERS: Final = (
    Operation(
        "members.list",
        "GET",
        _MEMBERS,
        MEMBER_READ,
        "List the members of the organization and its pending invitations",
        answers="list",
        paginated=True,
        page_size="per_page",
        limit=Limit(40, 1),
        note="The user of a pending invitation is null.",
    ),
    Operation(
        "members.invite",
        "POST",
        _MEMBERS,
        MEMBER_INVITE,
        "Invite a person to the organization",
        repeatable=False,
        limit=Limit(40, 1),
        note="An integration may invite with the role `member` only; 100 invitations a day, 10 a day per address.",
    ),
    Operation(
        "members.get",
        "GET",
        _MEMBER,
        MEMBER_READ,
        "Read one member",
        note="By the member's id, which is not the user's; `me` for a person's own token.",
    ),
    Operation(
        "members.update",
        "PUT",
        _MEMBER,
        MEMBER_INVITE,
        "Change the roles of a member",
        needs=MEMBER_ADMIN,
        needs_person=True,
        note="With less than `member:admin` Sentry only resends one's own invitation.",
    ),
    Operation(
        "members.remove",
        "DELETE",
        _MEMBER,
        MEMBER_READ,
        "Remove a member",
        answers="nothing",
        needs=MEMBER_ADMIN,
        needs_person=True,
        note="A missing scope answers 400 here, not 403.",
    ),
)
