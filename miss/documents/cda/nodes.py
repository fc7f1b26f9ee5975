"""Elements of HL7 V3: the few data types of which every part of a document is made."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from lxml import etree

from miss.documents.cda.model import NAMESPACE
from miss.documents.nomenclatures.model import Coded
from miss.documents.xml import Element, writable

UNKNOWN: Final = "UNK"
"""Null flavour of what exists and is not known here."""


def node(name: str, *children: Element | None, text: str = "", **attributes: str) -> Element:
    """An element with its children, those that are None left out; characters that XML cannot carry become spaces."""
    element = etree.Element(
        f"{{{NAMESPACE}}}{name}",
        {key.rstrip("_"): writable(value) for key, value in attributes.items()},
        nsmap={None: NAMESPACE},
    )
    if text:
        element.text = writable(text)
    element.extend(child for child in children if child is not None)
    return element


def code(name: str, coded: Coded, system_name: str = "") -> Element:
    """CE: `code`, `displayName`, `codeSystem`."""
    named = {"codeSystemName": system_name} if system_name else {}
    return node(name, code=coded.code, displayName=coded.label, codeSystem=coded.system, **named)


def identifier(root: str, extension: str = "") -> Element:
    """II: an OID, and what it numbers."""
    return node("id", root=root, extension=extension) if extension else node("id", root=root)


def instant(name: str, moment: datetime) -> Element:
    """TS to the second, with its zone: `20261120101500+0100`."""
    return node(name, value=f"{moment:%Y%m%d%H%M%S%z}"[:19])


def day(name: str, when: date) -> Element:
    """TS to the day."""
    return node(name, value=f"{when.year:04}{when.month:02}{when.day:02}")


def since(moment: datetime) -> Element:
    """IVL_TS that has begun and does not say when it ended."""
    return node("effectiveTime", instant("low", moment))


def address(lines: Iterable[str], postcode: str, town: str) -> Element:
    """AD: lines as they are written on an envelope, postcode and town apart."""
    parts = [node("streetAddressLine", text=line) for line in lines if line.strip()]
    if postcode.strip():
        parts.append(node("postalCode", text=postcode))
    if town.strip():
        parts.append(node("city", text=town))
    return node("addr", *parts) if parts else node("addr", nullFlavor=UNKNOWN)


def telecoms(phone: str, mailbox: str) -> list[Element]:
    """TEL of a workplace; one of unknown value if there is none."""
    numbers = "".join(char for char in phone if char in "+0123456789")
    found = [node("telecom", value=f"tel:{numbers}", use="WP")] if numbers else []
    if mailbox.strip():
        found.append(node("telecom", value=f"mailto:{mailbox.strip()}", use="WP"))
    return found or [node("telecom", nullFlavor=UNKNOWN)]
