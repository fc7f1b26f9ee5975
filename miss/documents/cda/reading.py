"""Looking into a document of HL7 V3: what is absent or null reads as empty."""

from miss.documents.cda.model import NAMESPACE, Identifier
from miss.documents.nomenclatures.model import Coded
from miss.documents.xml import Element


def find(holder: Element | None, path: str) -> Element | None:
    """The first element at `path` (names of HL7 V3, separated by `/`); None if there is none."""
    for name in path.split("/"):
        if holder is None:
            return None
        holder = holder.find(f"{{{NAMESPACE}}}{name}")
    return holder


def children(holder: Element | None, name: str) -> list[Element]:
    """Every child of that name."""
    return holder.findall(f"{{{NAMESPACE}}}{name}") if holder is not None else []


def attribute(element: Element | None, name: str) -> str:
    """An attribute; empty if it or its element is absent."""
    return element.get(name, "") if element is not None else ""


def text_of(element: Element | None) -> str:
    """All the text inside, stripped."""
    return "".join(map(str, element.itertext())).strip() if element is not None else ""


def identifier(element: Element | None) -> Identifier | None:
    """II; None where it is absent or null."""
    root = attribute(element, "root")
    return Identifier(root, attribute(element, "extension")) if root else None


def coded(element: Element | None) -> Coded | None:
    """CE; None where it is absent or null."""
    code = attribute(element, "code")
    if not code:
        return None
    return Coded(code, attribute(element, "codeSystem"), attribute(element, "displayName"))
