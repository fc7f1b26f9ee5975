"""PDFs that come with a request: inspected in a process of their own, taken as they are or refused by name.

`miss.documents.pdf.inspection` says what stands in one; here that becomes a refusal which tells the sender what to do.
Nothing is cleaned: a PDF taken is byte for byte the sender's, and one refused is left where it came from (the mail that
brought it is kept as received).
"""

import asyncio
from collections.abc import Mapping

from miss.child import ask_child
from miss.documents.pdf import inspection
from miss.documents.pdf.inspection import PdfHazard
from teleexpertise.attachments.errors import (
    AttachmentRefused,
    PdfActive,
    PdfDynamicForm,
    PdfEncrypted,
    PdfHoldsFiles,
    PdfHoldsMedia,
    PdfHoldsScript,
    PdfUnreadable,
)

TIMEOUT_S = 20.0
"""Above the child's own limit of processor time: only a machine that stands still reaches it."""
CHILDREN = 2

_REFUSALS: Mapping[PdfHazard, type[AttachmentRefused]] = {
    PdfHazard.ENCRYPTED: PdfEncrypted,
    PdfHazard.JAVASCRIPT: PdfHoldsScript,
    PdfHazard.LAUNCH: PdfActive,
    PdfHazard.EMBEDDED_FILE: PdfHoldsFiles,
    PdfHazard.XFA: PdfDynamicForm,
    PdfHazard.MEDIA: PdfHoldsMedia,
    PdfHazard.UNREADABLE: PdfUnreadable,
    PdfHazard.TOO_COMPLEX: PdfUnreadable,
}
"""In the order in which one is told when there are several."""


class PdfSandbox:
    """Where PDFs from outside are inspected."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._places = asyncio.Semaphore(CHILDREN)

    async def inspect(self, data: bytes) -> frozenset[PdfHazard]:
        """As `inspect_pdf`; a child that is killed by its limits, or crashes, met something too complex."""
        async with self._places:
            answer = await ask_child(inspection.__file__, data, self._timeout_s)
        if answer[:1] != b"+":
            return frozenset({PdfHazard.TOO_COMPLEX})
        return frozenset(PdfHazard(word) for word in answer[1:].decode("ascii").split())

    async def require_harmless(self, data: bytes, rank: int) -> None:
        """Raises the AttachmentRefused that names what the `rank`-th file holds."""
        found = await self.inspect(data)
        for hazard, refusal in _REFUSALS.items():
            if hazard in found:
                raise refusal(rank=rank)
