"""Operations on the token itself: its owner, scopes and regions."""

from typing import Final

from vedette.api.operations._operation import ROOT, Operation
from vedette.api.scopes import ANYONE

AUTH: Final = (
    Operation(
        "auth.whoami",
        "GET",
        ROOT,
        ANYONE,
        "Read the token's real scopes and its user",
        note="Answers without a token too; an invalid one answers 401.",
        standing="private",
    ),
    Operation(
        "auth.person",
        "GET",
        f"{ROOT}auth/",
        ANYONE,
        "Read the owner of a person's token",
        host="control",
        needs_person=True,
        standing="private",
    ),
    Operation(
        "auth.regions",
        "GET",
        f"{ROOT}users/me/regions/",
        ANYONE,
        "List the regions in which the person has organizations",
        host="control",
        needs_person=True,
        standing="private",
        note="Absent on self-hosted.",
    ),
)
