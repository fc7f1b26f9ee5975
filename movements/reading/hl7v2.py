"""HL7 v2 ADT messages into movements, and the acknowledgement of each.

Read: A01 (admission), A02 (transfer), A03 (discharge, or death if PID-30 says so), their cancellations A11, A12, A13,
and what is said anew of a movement: the same events with `ZBE-4` UPDATE, Z99 and A08 whose `ZBE-6` names the event.
Others are acknowledged and nothing is done.

The referring doctor is, in this order: ROL with the role ODRP (« médecin traitant déclaré », IHE PAM French extension),
PD1-4, PV1-8.  A movement's reference is ZBE-1; without the segment, the stay (PV1-19) and what happened, when.

Source: HL7 v2.5 chapters 2 and 3; IHE PAM, French national extension (INS in PID-3, ZBE, ROL).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import hl7

from miss.base.text import Text
from miss.documents.identities import InsOid
from movements.errors import MovementRefused, MovementsUnreadable
from movements.model import Movement, MovementKind, Referring
from movements.reading.traits import MISSING, identity, parse_birth_date, parse_moment, parse_sex, require, words

MAX_SEGMENTS: Final = 200
_KINDS: Final = {
    "A01": (MovementKind.ADMISSION, False),
    "A02": (MovementKind.TRANSFER, False),
    "A03": (MovementKind.DISCHARGE, False),
    "A11": (MovementKind.ADMISSION, True),
    "A12": (MovementKind.TRANSFER, True),
    "A13": (MovementKind.DISCHARGE, True),
}
_UPDATES: Final = ("Z99", "A08")
_CHARSETS: Final = {"UNICODE UTF-8": "utf-8", "8859/1": "iso-8859-1", "8859/15": "iso-8859-15", "": "utf-8"}
_START: Final = re.compile(r"(?m)^MSH\|")
_FRAMING: Final = dict.fromkeys(map(ord, "\x0b\x1c"))
"""MLLP's block marks, when a file was cut from a recorded session."""
_DECLARED: Final = re.compile(rb"\AMSH\|(?:[^|\r\n]*\|){16}([^|\r\n~]*)")
_OIDS: Final = {oid.value: oid for oid in InsOid}
_RPPS_LENGTH: Final = 11
_NO_MESSAGE: Final = Text(fr="il ne contient pas de message HL7 v2 (MSH)", en="it holds no HL7 v2 message (MSH)")
_NOT_ADT: Final = Text(fr="ce n’est pas un message ADT", en="this is not an ADT message")
_BROKEN: Final = Text(fr="message mal formé", en="malformed message")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Message:
    """One message, read or refused.  Neither movement nor refusal: acknowledged, and nothing is done."""

    control_id: str
    sender: tuple[str, str]
    """MSH-3 and MSH-4: application and facility, which the acknowledgement is addressed to."""
    movement: Movement | None = None
    refused: MovementRefused | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What the acknowledgement says: `AA` accepted, `AE` refused (HL7 table 0008), with a sentence."""

    code: str
    text: str = ""


def parse_messages(content: bytes, zone: ZoneInfo, now: datetime) -> Iterator[Message]:
    """Each message of a delivery (one, or a batch).  `zone`: the hospital's clocks.  Raises MovementsUnreadable."""
    text = _decode(content).translate(_FRAMING).replace("\r\n", "\r").replace("\n", "\r")
    starts = [found.start() for found in _START.finditer(text.replace("\r", "\n"))]
    if not starts:
        raise MovementsUnreadable(why=_NO_MESSAGE)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield _parse(text[start:end].strip("\r") + "\r", zone, now)


def compose_ack(message: Message, answered: Answered, now: datetime) -> bytes:
    """The acknowledgement (ACK), UTF-8, segments apart by CR."""
    application, facility = map(_escaped, message.sender)
    control_id, moment = _escaped(message.control_id), f"{now:%Y%m%d%H%M%S%z}"
    head = f"MSH|^~\\&|MiSS|MiSS|{application}|{facility}|{moment}||ACK|{control_id}|P|2.5||||||UNICODE UTF-8"
    lines = [head, f"MSA|{answered.code}|{control_id}"]
    if answered.text:
        lines.append(f"ERR||||E||||{_escaped(answered.text)}")
    return "".join(f"{line}\r" for line in lines).encode()


def _parse(text: str, zone: ZoneInfo, now: datetime) -> Message:
    try:
        if text.count("\r") > MAX_SEGMENTS:
            raise MovementRefused(field="MSH", why=_BROKEN)
        reader = _Reader(hl7.parse(text))
        control_id, sender = reader.text("MSH", 10), (reader.text("MSH", 3), reader.text("MSH", 4))
    except MovementRefused as refused:
        return Message(control_id="", sender=("", ""), refused=refused)
    except Exception:  # hl7 raises many kinds on hostile text; none is worth telling apart
        return Message(control_id="", sender=("", ""), refused=MovementRefused(field="MSH", why=_BROKEN))
    try:
        movement = _movement(reader, zone, now)
    except MovementRefused as refused:
        return Message(control_id=control_id, sender=sender, refused=refused)
    return Message(control_id=control_id, sender=sender, movement=movement)


def _movement(reader: "_Reader", zone: ZoneInfo, now: datetime) -> Movement | None:
    if reader.text("MSH", 9, component=1) != "ADT":
        raise MovementRefused(field="MSH-9", why=_NOT_ADT)
    event = reader.text("MSH", 9, component=2) or reader.text("EVN", 1)
    is_update = event in _UPDATES or reader.text("ZBE", 4) == "UPDATE"
    if event in _UPDATES:
        event = reader.text("ZBE", 6)
    if event not in _KINDS:
        return None
    kind, is_cancelled = _KINDS[event]
    if kind is MovementKind.DISCHARGE and reader.text("PID", 30) == "Y":
        kind = MovementKind.DEATH
    happened_at = _happened_at(reader, kind, zone)
    given = reader.name_of("PID", 5, component=2)
    all_given = tuple(reader.name_of("PID", 5, component=3).split()) or (given,)
    family = require(reader.name_of("PID", 5, component=1), "PID-5.1")
    matricule, oid = _ins(reader)
    return Movement(
        reference=_reference(reader, event, happened_at),
        kind=kind,
        happened_at=happened_at,
        is_cancelled=is_cancelled,
        is_update=is_update and not is_cancelled,
        patient=identity(
            family=family,
            given=all_given if all_given[0] == given else (require(given, "PID-5.2"), *all_given[1:]),
            used_family=reader.name_of("PID", 5, component=1, kind="D"),
            birth_date=parse_birth_date(reader.text("PID", 7), "PID-7", now.astimezone(zone).date()),
            sex=parse_sex(reader.text("PID", 8), "PID-8"),
            matricule=matricule,
            oid=oid,
            birth_place=_birth_place(reader),
        ),
        ward=reader.text("PV1", 3, component=1),
        from_ward=reader.text("PV1", 6, component=1),
        destination=reader.text("PV1", 37, component=1),
        referring=_referring(reader),
    )


def _happened_at(reader: "_Reader", kind: MovementKind, zone: ZoneInfo) -> datetime:
    places = {
        MovementKind.ADMISSION: ("PV1", 44),
        MovementKind.TRANSFER: ("EVN", 6),
        MovementKind.DISCHARGE: ("PV1", 45),
        MovementKind.DEATH: ("PID", 29),
    }
    for segment, number in (("ZBE", 2), places[kind], ("EVN", 6), ("EVN", 2)):
        if said := reader.text(segment, number):
            return parse_moment(said, f"{segment}-{number}", zone)
    raise MovementRefused(field="EVN-2", why=MISSING)


def _reference(reader: "_Reader", event: str, happened_at: datetime) -> str:
    if said := reader.text("ZBE", 1, component=1):
        return f"zbe:{said}"
    stay = require(reader.text("PV1", 19, component=1) or reader.text("PID", 18, component=1), "PV1-19")
    kind, _ = _KINDS[event]
    when = f"{happened_at:%Y%m%d%H%M%S%z}" if kind is MovementKind.TRANSFER else ""
    return f"stay:{stay}:{kind}:{when}"


def _ins(reader: "_Reader") -> tuple[str, InsOid | None]:
    """PID-3: the repetition whose authority is one of the INS's."""
    for repetition in range(1, reader.repetitions("PID", 3) + 1):
        for part in (1, 2, 3):
            oid = _OIDS.get(reader.text("PID", 3, repetition=repetition, component=4, part=part))
            if oid is not None:
                return reader.text("PID", 3, repetition=repetition, component=1), oid
    return "", None


def _birth_place(reader: "_Reader") -> str:
    """PID-11, the address of type BDL (« lieu de naissance »): its county is the INSEE code."""
    for repetition in range(1, reader.repetitions("PID", 11) + 1):
        if reader.text("PID", 11, repetition=repetition, component=7) == "BDL":
            return reader.text("PID", 11, repetition=repetition, component=9)
    return ""


def _referring(reader: "_Reader") -> Referring:
    for rank in range(1, reader.count("ROL") + 1):
        if reader.text("ROL", 3, rank=rank) == "ODRP":
            return _person(reader, "ROL", 4, rank)
    for segment, number in (("PD1", 4), ("PV1", 8)):
        if not (found := _person(reader, segment, number)).is_empty:
            return found
    return Referring()


def _person(reader: "_Reader", segment: str, number: int, rank: int = 1) -> Referring:
    """An XCN: identifier, family and given names; an RPPS number with or without the `8` of PS_IdNat."""
    said = reader.text(segment, number, rank=rank, component=1)
    rpps = said[1:] if len(said) == _RPPS_LENGTH + 1 and said.startswith("8") else said
    return Referring(
        rpps=rpps if len(rpps) == _RPPS_LENGTH and rpps.isdigit() else "",
        family=reader.text(segment, number, rank=rank, component=2),
        given=reader.text(segment, number, rank=rank, component=3),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """A parsed message, asked by place; what is not there is an empty text."""

    message: hl7.Message

    def text(
        self, segment: str, number: int, *, rank: int = 1, repetition: int = 1, component: int = 1, part: int = 1
    ) -> str:
        try:
            found = self.message.extract_field(segment, rank, number, repetition, component, part)
        except (LookupError, IndexError, TypeError, AttributeError):
            return ""
        said = str(found or "")
        # HL7 v2 §2.10: two quotes are a value that was taken away.
        return "" if said == '""' else words(str(self.message.unescape(said)) if "\\" in said else said)

    def count(self, segment: str) -> int:
        return sum(1 for one in self.message if str(one[0]) == segment)

    def repetitions(self, segment: str, number: int) -> int:
        try:
            return len(self.message.segment(segment)(number))
        except (LookupError, IndexError, TypeError, AttributeError):
            return 0

    def name_of(self, segment: str, number: int, *, component: int, kind: str = "L") -> str:
        """A part of the name of type `kind` (`L` of birth, `D` in use); the first name if none says its type."""
        count = self.repetitions(segment, number)
        for repetition in range(1, count + 1):
            if self.text(segment, number, repetition=repetition, component=7) == kind:
                return self.text(segment, number, repetition=repetition, component=component)
        return self.text(segment, number, component=component) if kind == "L" and count else ""


def _decode(content: bytes) -> str:
    declared = _DECLARED.match(content.lstrip(b"\x0b\r\n"))
    charset = _CHARSETS.get(declared[1].decode("ascii", "replace").strip().upper() if declared else "", "iso-8859-1")
    try:
        return content.decode(charset)
    except UnicodeDecodeError:
        return content.decode("iso-8859-1")


def _escaped(text: str) -> str:
    """HL7 v2 §2.7: delimiters as escape sequences."""
    return "".join(
        {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"}.get(one, one) for one in words(text)
    )
