"""People approve by the request: operation, subject and body."""

import io
import json
from dataclasses import replace

from rich.console import Console

from console.rendering.proposal_table import print_proposals, sent_by
from vedette.store.access.proposals import Proposal

FORGED = Proposal(
    *("p1", "[red]evil[/red]", "plugin.py", ("event:admin",), False, "default", "delivery", "issue.created"),
    'deleted SHOP-1 and SHOP-2 (as the handler says: "commented on SHOP-1")',
    *("issues.delete_many", {"organization_id_or_slug": "acme"}, (("id", "1"), ("id", "2")), None, ("1", "2")),
    *("", "shop", {"1": {"status": "unresolved"}}),
)


def shown(proposal: Proposal) -> str:
    stream = io.StringIO()
    print_proposals(Console(file=stream, width=1000), [proposal], as_json=False)
    return stream.getvalue()


def test_operation_and_what_it_is_about_and_body_are_shown_and_nothing_is_taken_for_markup() -> None:
    told = shown(FORGED)
    assert "would have deleted SHOP-1 and SHOP-2" in told
    assert "issues.delete_many acme id=1 id=2" in told
    assert "[red]evil[/red]" in told
    body = {"email": "eve@evil.example\x1b[2J", "orgRole": "owner"}
    invitation = replace(FORGED, operation="members.invite", query=(), body=body)
    assert sent_by(invitation) == f"members.invite acme {json.dumps(body)}"
    assert "\x1b" not in shown(invitation)


def test_a_long_body_is_cropped_and_that_is_said() -> None:
    told = sent_by(replace(FORGED, body={"text": "x" * 5000}))
    assert len(told) < 1100
    assert "more characters were left out" in told
