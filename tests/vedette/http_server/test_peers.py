"""Who a connection counts for."""

from ipaddress import ip_network

import pytest

from vedette.http_server.peers import Peers


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("::ffff:127.0.0.1", ""),
        ("10.1.2.3", ""),
        (None, ""),
        ("", ""),
        ("a-name", "a-name"),
    ],
)
def test_an_address_counts_for_itself_a_site_for_all_its_addresses_and_a_proxy_for_nobody(
    host: str | None, name: str
) -> None:
    assert Peers([ip_network("10.0.0.0/8")]).identify(host) == name
