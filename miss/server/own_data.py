"""What the platform keeps on one person, gathered into a zip: a JSON file for each part, and an index to read.

Every room and service that keeps something on people adds a source; each bounds what it gives.  Content of messages
and requests is not among it: what is end-to-end encrypted the server cannot read, and what is about patients has
readers and rules of its own.  GDPR articles 15 and 20.
"""

import io
import json
import zipfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Final

from miss.base.text import Language, Text
from miss.directory.accounts import Account

_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""Of every file: the zip says nothing that its content does not say."""
_NOTE: Final = Text(
    fr="Le contenu des messages n’y figure pas : il est chiffré de bout en bout et la plateforme ne peut pas le lire. "
    "Le contenu des demandes d’avis concerne des patients : il se consulte dans chaque demande. Les fichiers JSON "
    "portent les mêmes données, pour être repris par un logiciel.",
    en="The content of messages is not here: it is end-to-end encrypted and the platform cannot read it. The content "
    "of requests for advice is about patients: it is read in each request. The JSON files hold the same data, for "
    "programs.",
)
_TITLE: Final = Text(fr="Mes données sur MiSS", en="My data on MiSS")
_MADE: Final = Text(fr="Export du {at}.", en="Export of {at}.")
_EMPTY: Final = Text(fr="Rien.", en="Nothing.")
_STYLE: Final = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}th,td{border:1px solid #999;padding:.3rem .6rem;text-align:left;vertical-align:top}"
    "div{overflow-x:auto}"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One subject: its file's name, its title, and what JSON can hold."""

    name: str
    title: Text
    content: Any
    """A list of flat objects, or one: keys are what people read."""


Source = Callable[[Account], Awaitable[Sequence[Part]]]


class OwnData:
    """Every source of this installation."""

    def __init__(self) -> None:
        self._sources: list[Source] = []

    def add(self, source: Source) -> None:
        """Have `source` say what it keeps on people, after those that are there."""
        self._sources.append(source)

    async def gather(self, account: Account) -> list[Part]:
        """What all of them keep on that person."""
        return [part for source in self._sources for part in await source(account)]


def compose_zip(parts: Sequence[Part], made_at: datetime, language: Language) -> bytes:
    """The archive: `index.html` and a JSON file for each part."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        _write(archive, "index.html", compose_index(parts, made_at, language))
        for part in parts:
            _write(archive, f"{part.name}.json", json.dumps(part.content, ensure_ascii=False, indent=2) + "\n")
    return output.getvalue()


def compose_index(parts: Sequence[Part], made_at: datetime, language: Language) -> str:
    """A page that needs nothing beside it."""
    title = escape(_TITLE.in_(language))
    contents = "".join(f'<li><a href="#{part.name}">{escape(part.title.in_(language))}</a></li>' for part in parts)
    sections = "".join(
        f'<section id="{part.name}"><h2>{escape(part.title.in_(language))}</h2>'
        f"{_show(part.content, language)}</section>"
        for part in parts
    )
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>"
        f"<p>{escape(_MADE.in_(language, at=made_at.isoformat(timespec='seconds')))}</p>"
        f"<p>{escape(_NOTE.in_(language))}</p><ul>{contents}</ul>{sections}</body></html>\n"
    )


def _write(archive: zipfile.ZipFile, name: str, text: str) -> None:
    archive.writestr(zipfile.ZipInfo(name, _EARLIEST), text.encode("utf-8", "replace"), zipfile.ZIP_DEFLATED)


def _show(content: Any, language: Language) -> str:
    if isinstance(content, Mapping):
        rows = "".join(
            f'<tr><th scope="row">{escape(key)}</th><td>{_say(value)}</td></tr>' for key, value in content.items()
        )
        return f"<div><table>{rows}</table></div>"
    if not content:
        return f"<p>{_EMPTY.in_(language)}</p>"
    heads = "".join(f'<th scope="col">{escape(key)}</th>' for key in content[0])
    rows = "".join(f"<tr>{''.join(f'<td>{_say(value)}</td>' for value in line.values())}</tr>" for line in content)
    return f"<div><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"


def _say(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "<br>".join(_say(one) for one in value)
    if isinstance(value, Mapping):
        return "<br>".join(f"{escape(key)} : {_say(one)}" for key, one in value.items())
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return escape("" if value is None else str(value)).replace("\n", "<br>")
