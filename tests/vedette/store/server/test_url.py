from pathlib import Path

import pytest
import trustme

from vedette.store.server.url import Address, RedisUrlError, read_redis_url


@pytest.mark.parametrize(
    ("url", "kind", "addresses", "service", "database"),
    [
        ("redis://h", "server", ["h:6379"], "", None),
        ("rediss://u:p@h:1/2", "server", ["h:1"], "", 2),
        ("unix:///run/valkey.sock?db=3", "server", [], "", 3),
        ("redis+sentinel://a,b:1,[::1]:2/hooks", "sentinel", ["a:26379", "b:1", "[::1]:2"], "hooks", None),
        ("redis-sentinel://u:p@a/hooks/4", "sentinel", ["a:26379"], "hooks", 4),
        ("rediss+sentinel://a,[::1]/hooks", "sentinel", ["a:26379", "[::1]:26379"], "hooks", None),
        ("redis+cluster://a,b:7000", "cluster", ["a:6379", "b:7000"], "", None),
        ("Rediss-Cluster://a/", "cluster", ["a:6379"], "", None),
    ],
)
def test_each_form_is_understood(url: str, kind: str, addresses: list[str], service: str, database: int | None) -> None:
    read = read_redis_url(url)
    assert (read.kind, [str(one) for one in read.addresses], read.service) == (kind, addresses, service)
    assert read.options.get("db") == database
    assert read.tls == url.lower().startswith("rediss")


@pytest.mark.parametrize(
    "form", ["redis://u%40:p%2F@h", "redis+sentinel://u%40:p%2F@h/s", "redis+cluster://u%40:p%2F@h"]
)
def test_who_logs_in_is_read_in_each_form(form: str) -> None:
    options = read_redis_url(form).options
    assert (options["username"], options["password"]) == ("u@", "p/")


def test_sentinels_have_a_password_of_their_own_and_share_the_certificates(tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")
    url = f"rediss+sentinel://:server@h/s?ssl_ca_certs={tmp_path}/ca.pem&sentinel_password=other&ssl_check_hostname=no"
    read = read_redis_url(url)
    tls = {"ssl_ca_certs": f"{tmp_path}/ca.pem", "ssl_check_hostname": False}
    assert read.options == {"password": "server", **tls}
    assert read.asking == {"password": "other", **tls}
    assert "other" not in repr(read)
    assert "server:" not in repr(read)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://:hunter2@h", r"redis\+sentinel://HOST:PORT"),
        (":hunter2@h", "one of the forms"),
        ("redis://:hunter2@h:port", "one of the forms"),
        ("redis://:hunter2@h/mine", "number of a database"),
        ("redis+sentinel://:hunter2@h", "name the service"),
        ("redis+sentinel://:hunter2@h,/s", "HOST or HOST:PORT"),
        ("redis+sentinel://:hunter2@h:99999/s", "HOST or HOST:PORT"),
        ("redis+cluster://:hunter2@h/3", "no databases"),
        ("unix+cluster://:hunter2@/run/s", r"redis\+cluster"),
        ("unix://:hunter2@", "name the socket"),
        ("redis://:hunter2@h?decode_responses=yes", "option decode_responses"),
        ("redis://:hunter2@h?ssl_cert_reqs=none", "begin it with rediss"),
        ("rediss://:hunter2@h?ssl_cert_reqs=never", "none, optional, required"),
        ("rediss://:hunter2@h?ssl_ca_certs=/nowhere/ca.pem", r"cannot be used \(ssl_ca_certs\): .*No such file"),
        (f"rediss://:hunter2@h?ssl_ca_certs={__file__}&ssl_certfile={__file__}", r"\(ssl_ca_certs, ssl_certfile\)"),
        ("redis://:a?hunter2@h", "write %3F"),
        ("redis://:a#hunter2@h", "%23"),
        ("redis://:a/hunter2@h", "one of the forms"),
        ("redis+sentinel://u:1/hunter2@h", "name the service"),
        ("redis+cluster://u:1/hunter2@h", "no databases"),
        ("redis://:hunter2@h?sentinel_password=hunter2", "option sentinel_password"),
    ],
)
def test_what_is_wrong_is_said_without_the_password(url: str, says: str) -> None:
    with pytest.raises(RedisUrlError, match=says) as raised:
        read_redis_url(url)
    assert "hunter2" not in str(raised.value)


def test_an_address_is_written_as_in_a_url() -> None:
    assert [str(Address("h", 1)), str(Address("::1", 2))] == ["h:1", "[::1]:2"]
