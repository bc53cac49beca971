"""The finding of a check: what people and programs see of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.checks.findings import STATES, Finding, worst_severity

FINDINGS = st.builds(
    Finding,
    check=st.text(),
    state=st.sampled_from(STATES),
    says=st.text(),
    mend=st.lists(st.text()).map(tuple),
    evidence=st.dictionaries(st.text(), st.text()),
    integration=st.text(),
    cause=st.text(),
)


@given(FINDINGS)
def test_it_is_read_back_as_it_was_stored(finding: Finding) -> None:
    assert Finding.from_json(json.loads(json.dumps(finding.as_json()))) == finding


def test_the_worst_of_all_findings_is_the_exit_code() -> None:
    found = {state: Finding("token", state, "it is") for state in STATES}
    assert [found[state].severity for state in STATES] == [0, 1, 2, 1]
    assert worst_severity(found.values()) == 2
    assert worst_severity([found["ok"], found["unknown"]]) == 1
    assert worst_severity([]) == 0


def test_what_a_server_wrote_cannot_control_a_terminal() -> None:
    finding = Finding("url", "broken", "it says \x1b[2J", ("run \x07",), {"title": "\x1b]0;x"})
    assert not {"\x1b", "\x07"} & set(finding.says + "".join(finding.mend) + "".join(finding.evidence.values()))


def test_another_state_is_refused() -> None:
    wrong = Finding("token", "ok", "it works").as_json() | {"state": "fine"}
    with pytest.raises(ValueError, match="fine"):
        Finding.from_json(wrong)
