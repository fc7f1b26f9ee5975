"""The narrative blocks of a structured body as plain sections: what a person would read, and no mark-up."""

import re
from typing import Final

from miss.documents.cda.model import NAMESPACE
from miss.documents.cda.reading import find, text_of
from miss.documents.letter import Section
from miss.documents.xml import Element

MAX_SECTIONS: Final = 500

_FOLDED = re.compile(r"\s*\n\s*")
_BLOCKS = frozenset({"paragraph", "item", "tr", "caption"})
_CELLS = frozenset({"td", "th"})


def sections_of(body: Element | None) -> tuple[Section, ...]:
    """Every section in reading order, `MAX_SECTIONS` at most; one without title or text of its own is left out."""
    if body is None:
        return ()
    found: list[Section] = []
    for section in body.iter(f"{{{NAMESPACE}}}section"):
        title, text = text_of(find(section, "title")), find(section, "text")
        paragraphs = _paragraphs(text) if text is not None else ()
        if title and paragraphs:
            found.append(Section(title, paragraphs))
        if len(found) == MAX_SECTIONS:
            break
    return tuple(found)


def _paragraphs(text: Element) -> tuple[str, ...]:
    """A line for each paragraph, item and row; cells apart by a bar, breaks as line ends."""
    lines: list[list[str]] = [[]]
    for event, element in _walk(text):
        name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        if event == "start":
            if name in _BLOCKS:
                lines.append([])
            elif name in _CELLS and "".join(lines[-1]).strip():
                lines[-1].append(" | ")
            elif name == "br":
                lines[-1].append("\n")
            lines[-1].append(_unfolded(element.text))
        elif element is not text:
            if name in _BLOCKS:
                lines.append([])
            lines[-1].append(_unfolded(element.tail))
    joined = ("".join(line).strip() for line in lines)
    return tuple(line for line in joined if line)


def _walk(text: Element) -> list[tuple[str, Element]]:
    """Starts and ends in document order, without recursion: the depth is the writer's."""
    steps: list[tuple[str, Element]] = []
    waiting: list[tuple[str, Element]] = [("start", text)]
    while waiting:
        event, element = waiting.pop()
        steps.append((event, element))
        if event == "start":
            waiting.append(("end", element))
            waiting += [("start", child) for child in reversed(element)]
    return steps


def _unfolded(text: str | None) -> str:
    """With the line ends and indentation of the XML as one space."""
    return _FOLDED.sub(" ", text) if text else ""
