"""Every refusal has a reply that SMTP can carry."""

import re

import pytest

from miss.base.errors import error_table
from miss.base.text import Language
from miss.mail.errors import MailIgnored, MailRefused, MailTooLarge

REFUSALS = [error for error in error_table().values() if issubclass(error, MailRefused)]
PARAMS = {
    "field": "From",
    "count": 2,
    "size_bytes": 12_000_000,
    "limit_bytes": 10_485_760,
    "limit": 100,
    "hops": 26,
    "sign": "List-Id",
}


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: error.code)
def test_the_reply_is_one_short_ascii_line(error: type[MailRefused]) -> None:
    reply = error(**PARAMS).smtp_reply()
    assert re.fullmatch(r"(250 2|421 4|45[0-2] 4|55[0-4] 5)\.\d\.\d [ -~]{20,}", reply)
    assert len(reply) < 480, "nothing is cut off"
    assert reply[0] == error.enhanced_status[0]


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: error.code)
def test_both_languages_say_it(error: type[MailRefused]) -> None:
    assert error(**PARAMS).sentence(Language.FR) != error(**PARAMS).sentence(Language.EN)


def test_the_figures_are_in_the_reply() -> None:
    reply = MailTooLarge(limit_bytes=10_485_760).smtp_reply()
    assert reply.startswith("552 5.3.4 Le message est trop volumineux : 10485760 octets au plus.")


def test_only_what_is_ignored_is_accepted() -> None:
    assert len(REFUSALS) > 10
    for error in REFUSALS:
        assert (error.smtp_code == 250) == issubclass(error, MailIgnored)
