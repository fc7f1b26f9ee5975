"""A person at the pages: keeps cookies, fills forms, follows redirects.  No browser engine, the same HTTP."""

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from types import TracebackType
from typing import Self

import httpx

from miss.server.demo.report import require

TIMEOUT_S = 30.0


class Browser:
    """One person's session."""

    def __init__(self, origin: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=origin, follow_redirects=True, timeout=TIMEOUT_S, headers={"Origin": origin, "Accept": "text/html"}
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def open(self, path: str) -> str:
        """A page's HTML.  Raises StepFailed unless it is shown."""
        answer = await self._http.get(path)
        require(answer.status_code == 200, f"GET {path} answered {answer.status_code}")
        return answer.text

    async def download(self, path: str) -> bytes:
        """A file behind the session.  Raises StepFailed unless it is given."""
        answer = await self._http.get(path)
        require(answer.status_code == 200, f"GET {path} answered {answer.status_code}")
        return answer.content

    async def send(self, path: str, fields: Mapping[str, str | Sequence[str]]) -> str:
        """Send a form; the page that follows.  Raises StepFailed if the form is refused."""
        data = {name: [value] if isinstance(value, str) else list(value) for name, value in fields.items()}
        answer = await self._http.post(path, data=data)
        require(answer.status_code == 200, f"POST {path} answered {answer.status_code}")
        return answer.text


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and ((tag == "a" and name == "href") or (tag == "img" and name == "src")):
                self.targets.append(value)


def links_of(page: str, prefix: str) -> list[str]:
    """The addresses of links and images of a page that begin with `prefix`, in order, without repeats."""
    parser = _Links()
    parser.feed(page)
    return list(dict.fromkeys(target for target in parser.targets if target.startswith(prefix)))
