"""The texts of errors, and Sentry's many forms of reporting one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.api.call import Call
from vedette.api.errors import Forbidden, Gone, NotFound, SentryError, ServerError, UnreadableAnswer, read_detail
from vedette.api.operations import OPERATIONS
from vedette.api.response_parsing import read_answer

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12) | st.sampled_from(["detail", "code"]), inner)
    ),
    max_leaves=12,
)


def call(name: str, **parameters: str) -> Call:
    operation = OPERATIONS[name]
    return Call(operation, {each: parameters.get(each, "acme") for each in operation.parameters})


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"detail": "No."}, "No."),
        ({"detail": ["No.", "Never."]}, "No.; Never."),
        ({"detail": {"code": "sso-required", "message": "Log in", "extra": {"loginUrl": "/x"}}}, "Log in"),
        ({"detail": {"code": "sso-required"}}, "sso-required"),
        ({"message": "This API no longer exists."}, "This API no longer exists."),
        ({"error": "apigateway", "detail": "Down"}, "Down"),
        ({"error": "apigateway"}, "apigateway"),
        ({"name": ["Too long", "Odd"], "non_field_errors": ["Both"]}, "name: Too long Odd; non_field_errors: Both"),
        ({"statusDetails": {"inCommit": {"commit": ["Unknown"]}}}, "statusDetails.inCommit.commit: Unknown"),
        ({"role": "You may not"}, "role: You may not"),
        ("Invalid origin: \x1b[31mhttps://x", "Invalid origin: [31mhttps://x"),
        (["One", "Two"], "One; Two"),
        ("<html><title>502 Bad &amp; Sad</title></html>", "502 Bad & Sad"),
        ("<p>nothing</p>", "nothing"),
        (None, ""),
        (7, ""),
    ],
)
def test_whatever_shape_an_error_has_it_is_one_line(body: Any, text: str) -> None:
    assert read_detail(body).text == text


def test_more_than_the_text_is_kept() -> None:
    coded = read_detail({"detail": {"code": "sso-required", "message": "x", "extra": {"loginUrl": "/x"}}})
    assert (coded.code, coded.extra) == ("sso-required", {"loginUrl": "/x"})
    assert read_detail({"detail": "Internal Error", "errorId": "f00"}).error_id == "f00"
    assert read_detail({"statusDetails": {"inRelease": ["No"]}}).fields == {"statusDetails.inRelease": ("No",)}


@given(JSON)
def test_no_body_breaks_the_reader(body: Any) -> None:
    detail = read_detail(body)
    assert len(detail.text) <= 500
    assert "\n" not in detail.text


@given(st.integers(200, 599), st.binary(max_size=200))
def test_every_response_becomes_an_answer_or_an_error(status: int, content: bytes) -> None:
    try:
        answer = read_answer(call("issues.get"), status, {}, content)
    except SentryError as error:
        assert str(error).endswith((".", "!", "?"))  # noqa: PT017  # both ends are right
        assert error.status == status  # noqa: PT017
    else:
        assert answer.status == status


@pytest.mark.parametrize(
    ("name", "scope", "place"),
    [
        ("issues.update", "event:write", "Issue & Event: Read & Write"),
        ("issues.delete", "event:admin", "Issue & Event: Admin"),
        ("teams.list", "org:read", "Organization: Read"),
        ("events.list_for_project", "project:read", "Project: Read"),
        ("releases.create", "project:releases", "Release: Admin"),
        ("projects.update", "project:write", "Project: Read & Write"),
        ("alerts.workflows", "alerts:read", "Alerts: Read"),
    ],
)
def test_a_missing_scope_is_named_together_with_where_to_add_it(name: str, scope: str, place: str) -> None:
    error = Forbidden(call(name), status=403, detail=read_detail({"detail": "No."}))
    assert error.scope_to_add == scope
    assert f"Add the scope {scope} ({place}) to the integration" in str(error)
    assert "Settings > Custom Integrations > your integration > Permissions" in str(error)
    assert not error.retryable


def test_what_needs_a_person_says_so() -> None:
    assert "token of a person who holds member:admin" in str(Forbidden(call("members.remove"), status=403))


def test_an_error_reads_as_a_sentence_and_repeats_no_query() -> None:
    asked = Call(
        OPERATIONS["members.list"], {"organization_id_or_slug": "acme"}, (("query", "email:ann@acme.example"),)
    )
    error = NotFound(asked, status=404, detail=read_detail({"detail": "The requested resource does not exist"}))
    assert str(error) == (
        "Sentry answered 404 to GET /api/0/organizations/acme/members/ (members.list): The requested resource does not "
        "exist. Check the id, and that the token's integration or user may see it."
    )
    assert repr(error) == "<NotFound GET /api/0/organizations/acme/members/ 404>"


def test_advice_fits_the_case() -> None:
    assert "organization's slug, the host" in NotFound(call("issues.get"), status=404).advice
    headers = {"x-sentry-replacement-endpoint": "/api/0/new/"}
    assert "call /api/0/new/ instead" in Gone(call("issues.get"), status=410, headers=headers).advice
    assert "call issues.search instead" in Gone(call("issues.list_for_project"), status=410).advice
    assert "update Vedette" in Gone(call("issues.get"), status=410).advice
    assert "error f00" in ServerError(call("issues.get"), status=500, detail=read_detail({"errorId": "f00"})).advice
    assert "proxy" in UnreadableAnswer(call("issues.get"), status=200).advice
