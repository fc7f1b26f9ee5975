"""What browsers send: fields of forms, addresses of pages, what they say of themselves."""

from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request

from miss.directory.sign_in import Visit


def field(form: FormData, name: str) -> str:
    """The text of a field; empty if it is missing or a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def local_path(path: str, otherwise: str = "/") -> str:
    """`path` if it stays on this site, else another one: no open redirect."""
    parts = urlsplit(path)
    local = not parts.scheme and not parts.netloc and path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if local and "\\" not in path and path.isprintable() else otherwise


def previous_path(request: Request, otherwise: str) -> str:
    """The page of this site that a form was sent from."""
    return local_path(urlsplit(request.headers.get("referer", "")).path, otherwise)


def address_of(request: Request) -> str:
    """Where the request comes from, past the trusted proxies."""
    return request.client.host if request.client else ""


def visit_of(request: Request, *, is_shared: bool = False) -> Visit:
    """What is known of the browser."""
    return Visit(request.headers.get("user-agent", ""), address_of(request), is_shared)
