"""Message-IDs that survive retries."""

import pytest

from miss.mail.errors import HeaderMalformed
from miss.mail.outbound.model import message_id_for


def test_the_same_mail_has_the_same_id() -> None:
    message_id = message_id_for("answer", "TE26000417", "tele.mssante.example")
    assert message_id == "<te26000417.answer@tele.mssante.example>"
    assert message_id != message_id_for("ack", "TE26000417", "tele.mssante.example")


@pytest.mark.parametrize(
    ("kind", "reference", "domain", "field"),
    [
        ("a b", "TE1", "x.example", "kind"),
        ("", "TE1", "x.example", "kind"),
        ("ack", "TE1\r\nBcc: x", "x.example", "reference"),
        ("ack", "TE1>", "x.example", "reference"),
        ("ack", "TE1", "x example", "domain"),
        ("ack", "TE1", "", "domain"),
    ],
)
def test_what_cannot_stand_in_an_id_is_refused(kind: str, reference: str, domain: str, field: str) -> None:
    with pytest.raises(HeaderMalformed) as refused:
        message_id_for(kind, reference, domain)
    assert refused.value.params == {"field": field}
