"""What a browser sent, within limits."""

from collections.abc import Iterable

import pytest
from starlette.requests import Request
from starlette.types import Message

from teleexpertise.web.errors import FormTooLarge
from teleexpertise.web.submitted import read_submitted

BOUNDARY = b"limite"


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    about = f'name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
    kind = b"Content-Type: image/jpeg\r\n" if filename is not None else b""
    head = f"Content-Disposition: form-data; {about}\r\n".encode()
    return b"--" + BOUNDARY + b"\r\n" + head + kind + b"\r\n" + content + b"\r\n"


def sent(chunks: Iterable[bytes]) -> Request:
    """A multipart request whose body comes in these chunks, without a length told beforehand."""
    waiting = list(chunks)

    async def receive() -> Message:
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    headers = [(b"content-type", b"multipart/form-data; boundary=" + BOUNDARY)]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}, receive)


END = b"--" + BOUNDARY + b"--\r\n"


async def test_fields_repeat_files_have_their_item_and_blank_controls_are_none() -> None:
    body = part("d.siege", b"tronc") + part("d.siege", b"cou") + part("d.photo.large", b"\xff\xd8", "../vue.jpg")
    body += part("d.photo.proche", b"", "")
    read = await read_submitted(sent([body + END]))
    assert read.fields == {"d.siege": ("tronc", "cou")}
    [file] = read.files
    assert (file.link_id, file.name, file.mime, file.content) == ("d.photo.large", "vue.jpg", "image/jpeg", b"\xff\xd8")


async def test_a_body_over_the_limit_is_refused_before_it_is_read_whole() -> None:
    chunks = [part("a", b"x" * 500)] * 10 + [END]
    with pytest.raises(FormTooLarge):
        await read_submitted(sent(chunks), max_body_bytes=1000)
    assert (await read_submitted(sent(chunks), max_body_bytes=100_000)).first("a")


async def test_the_digest_tells_any_difference() -> None:
    async def digest(*parts: bytes) -> bytes:
        return (await read_submitted(sent([b"".join(parts) + END]))).digest()

    bodies = [
        await digest(part("a", b"bc")),
        await digest(part("ab", b"c")),
        await digest(part("a", b"b"), part("a", b"c")),
        await digest(part("a", b"bc", "f.jpg")),
    ]
    assert len({*bodies}) == len(bodies)
    assert await digest(part("a", b"bc")) == bodies[0]
