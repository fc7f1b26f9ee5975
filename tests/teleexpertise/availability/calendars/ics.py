"""Helps tests write calendars."""


def calendar(*blocks: str) -> bytes:
    """A calendar of these components."""
    text = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//FR\n" + "".join(blocks) + "END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def event(
    start: str = "20261123T090000",
    end: str = "20261123T100000",
    *lines: str,
    zone: str = "Europe/Paris",
    uid: str = "1",
) -> str:
    """A VEVENT; an empty zone leaves the hours without one, whole days are eight digits."""
    kind = ";VALUE=DATE" if len(start) == 8 else f";TZID={zone}" if zone and not start.endswith("Z") else ""
    more = "".join(f"{line}\n" for line in lines)
    return (
        f"BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20261101T000000Z\nSUMMARY:Consultation de Mme FICTIF\n"
        f"DTSTART{kind}:{start}\nDTEND{kind}:{end}\n{more}END:VEVENT\n"
    )


def available(start: str, end: str, rule: str, zone: str = "Europe/Paris") -> str:
    """An AVAILABLE of a VAVAILABILITY."""
    return (
        f"BEGIN:AVAILABLE\nUID:a{start}\nDTSTAMP:20261101T000000Z\nDTSTART;TZID={zone}:{start}\n"
        f"DTEND;TZID={zone}:{end}\nRRULE:{rule}\nEND:AVAILABLE\n"
    )


def vavailability(*blocks: str, lines: str = "") -> str:
    """A VAVAILABILITY without bounds, unless `lines` give some."""
    inside = "".join(blocks)
    return f"BEGIN:VAVAILABILITY\nUID:v\nDTSTAMP:20261101T000000Z\n{lines}{inside}END:VAVAILABILITY\n"
