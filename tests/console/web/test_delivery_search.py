"""The filters of the page Deliveries survive their way through a URL."""

import pytest

from console.web.delivery_search import DeliverySearchForm, UnreadableFilterError, read_search


@pytest.mark.parametrize(
    "form",
    [
        DeliverySearchForm(),
        DeliverySearchForm(issue="SHOP-4K", handler="triage", since="24h", state="dead"),
        DeliverySearchForm(rule="gateway errors to payments", resource="issue"),
    ],
)
def test_a_search_is_read_from_its_own_url(form: DeliverySearchForm) -> None:
    assert read_search(form.to_query()) == form


def test_a_word_without_a_name_is_an_issue_and_an_unknown_name_is_refused() -> None:
    assert read_search({"q": "SHOP-4K state:dead"}) == DeliverySearchForm(issue="SHOP-4K", state="dead")
    with pytest.raises(UnreadableFilterError, match="There is no filter isue"):
        read_search({"q": "isue:SHOP-4K"})
