"""No body, header or chunking makes a 5xx or a crash: thousands of made-up requests on real sockets."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.receiver.running import MakeSettings, running
from tests.receiver.sentry import SECRET, hook_headers, issue_body, sign

TOKEN = st.text(st.characters(codec="ascii", min_codepoint=33, max_codepoint=126, exclude_characters=":"), max_size=12)
VALUE = st.binary(max_size=40).filter(lambda value: not {10, 13} & set(value))
NAME = st.sampled_from(
    [
        *("sentry-hook-resource", "sentry-hook-timestamp", "idempotency-key", "request-id", "content-type"),
        *("content-length", "transfer-encoding", "expect", "connection", "sentry-hook-signature", "upgrade", "cookie"),
    ]
)
BODY = st.binary(max_size=200) | st.just(issue_body()) | st.just(b'{"action":"created","data":{}}')
METHOD = st.sampled_from(["POST", "POST", "POST", "POST", "GET", "PUT", "HEAD", "OPTIONS", "get", "\x00"])
PATH = st.sampled_from(["/hooks", "/hooks/", "/hooks/default", "/ui/default/x", "/legacy/a/b", "//", "*", "/%ff", "/é"])


@st.composite
def request(draw: st.DrawFn) -> list[bytes]:
    """A request in pieces."""
    body = draw(BODY)
    lines = [f"{draw(METHOD)} {draw(PATH)} HTTP/1.1".encode(), b"host: a"]
    if draw(st.booleans()):
        lines += [b"sentry-hook-signature: " + sign(body).encode(), b"sentry-hook-resource: issue"]
    lines += [draw(NAME | TOKEN).encode() + b": " + draw(VALUE) for _ in range(draw(st.integers(0, 4)))]
    if draw(st.booleans()):
        lines.append(b"transfer-encoding: chunked")
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    else:
        lines.append(b"content-length: %d" % max(0, len(body) + draw(st.sampled_from([0, 0, 0, -1, 5]))))
    whole = b"\r\n".join([*lines, b"", body])
    cuts = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=3)))
    return [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]


async def exchange(port: int, pieces: list[bytes]) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        writer.write_eof()
        async with asyncio.timeout(5):
            return await reader.read()
    except OSError:
        return b""
    finally:
        writer.close()


def test_no_request_makes_an_error_of_ours(make_settings: MakeSettings) -> None:
    made: list[list[bytes]] = []

    @settings(max_examples=300, database=None, deadline=None)
    @given(request())
    def collect(pieces: list[bytes]) -> None:
        made.append(pieces)

    collect()

    async def send_all() -> None:
        async with running(make_settings(upload_timeout=0.3, linger=0.1)) as receiver:
            for start in range(0, len(made), 20):
                group = made[start : start + 20]
                answers = await asyncio.gather(*(exchange(receiver.port, pieces) for pieces in group))
                for pieces, answer in zip(group, answers, strict=True):
                    assert b"HTTP/1.1 5" not in answer, (pieces, answer)
                    assert SECRET.encode() not in answer
            body = issue_body(999)
            response = await receiver.client.post("/hooks", content=body, headers=hook_headers(body))
            assert response.status_code == 202

    asyncio.run(send_all())
