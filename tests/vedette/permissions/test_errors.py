from vedette.api import OPERATIONS, Call
from vedette.api.errors import Forbidden
from vedette.permissions.errors import AccessDenied, BudgetExhausted, Denial


def test_a_denied_call_says_who_what_why_and_what_would_allow_it() -> None:
    denial = Denial("its grant does not hold event:write", "write this line")
    error = AccessDenied(Call(OPERATIONS["issues.update"]), handler="triage", denial=denial)
    assert str(error) == (
        "triage may not call issues.update: its grant does not hold event:write. To allow it: write this line"
    )
    assert (error.handler, error.denial, error.operation) == ("triage", denial, "issues.update")
    assert isinstance(error, Forbidden)
    assert issubclass(BudgetExhausted, AccessDenied)
