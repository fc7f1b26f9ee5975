"""What the activation letter says, and which codes it brings.  Values only."""

from collections.abc import Mapping
from dataclasses import dataclass

from miss.directory.accounts import ActivationPurpose, IssuedCode
from miss.directory.practitioners import Practitioner
from miss.directory.registrations.application import Application

LETTER_PURPOSES = (ActivationPurpose.BROWSER, ActivationPurpose.DEVICE)
STAFF_LETTER_PURPOSES = (ActivationPurpose.BROWSER,)
"""Of staff people, who have the pages and no device of the chat."""


@dataclass(frozen=True, slots=True, repr=False)
class Letter:
    """One letter.  Not shown by `repr`: it holds codes."""

    practitioner: Practitioner
    application: Application
    codes: Mapping[ActivationPurpose, IssuedCode]
