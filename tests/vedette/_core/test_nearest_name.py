from vedette._core.nearest_name import did_you_mean, find_nearest_name


def test_the_nearest_name_is_found_whatever_the_letter_case() -> None:
    assert find_nearest_name("traige", ["notify", "triage"]) == "triage"
    assert find_nearest_name("TRIAGE", ["notify", "Triage"]) == "Triage"


def test_nothing_is_offered_where_nothing_is_near() -> None:
    assert find_nearest_name("zzz", ["notify", "triage"]) is None
    assert did_you_mean("zzz", ["notify"]) == ""
    assert did_you_mean("notfy", ["notify"]) == ": did you mean notify?"
