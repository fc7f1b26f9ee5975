"""Mails as their recipients find them: the spool's .eml files, read with the standard library's mail parser."""

import asyncio
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from miss.server.demo.report import StepFailed

TIMEOUT_S = 30.0
LOOK_EVERY_S = 0.05


class SpoolReader:
    """What the platform has sent so far; each mail is taken once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken = {path.name for path in folder.glob("*.eml")}

    async def take(self, words: str, *to: str) -> tuple[EmailMessage, bytes]:
        """The next mail to one of `to` whose subject or text contains `words`, parsed and as sent.

        Raises StepFailed if none comes.
        """
        try:
            async with asyncio.timeout(TIMEOUT_S):
                while True:
                    for path in sorted(self._folder.glob("*.eml")):
                        if path.name not in self._taken and (found := _matching(path, words, to)):
                            self._taken.add(path.name)
                            return found
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise StepFailed(f"no mail to {' or '.join(to)} about « {words} »") from None


def _matching(path: Path, words: str, to: tuple[str, ...]) -> tuple[EmailMessage, bytes] | None:
    content = path.read_bytes()
    mail = BytesParser(EmailMessage, policy=policy.default).parsebytes(content)
    if not any(address in str(mail["To"]) for address in to):
        return None
    return (mail, content) if words in str(mail["Subject"]) or words in text_of(mail) else None


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""


def files_of(mail: EmailMessage) -> dict[str, bytes]:
    """What is joined to a mail, by name."""
    parts = [(part.get_filename(), part.get_payload(decode=True)) for part in mail.walk()]
    return {name: content for name, content in parts if name and isinstance(content, bytes)}
