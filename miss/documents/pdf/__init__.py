"""Documents to print: from a value to the bytes of a PDF (ADR 34); and what a stranger's PDF holds (ADR 43).

PDF/A, with the fonts embedded and nothing fetched; the same value gives the same bytes.  The only files read are this
package's own fonts.  What is printed is decided elsewhere.
"""

from miss.documents.pdf.activation_letter import ActivationLetter, compose_activation_letter
from miss.documents.pdf.attestation import AttestationSheet, compose_attestation
from miss.documents.pdf.letter import compose_letter_pdf
from miss.documents.pdf.look import PLAIN, Look
from miss.documents.pdf.photographs import LetterPhoto

__all__ = [
    "PLAIN",
    "ActivationLetter",
    "AttestationSheet",
    "LetterPhoto",
    "Look",
    "compose_activation_letter",
    "compose_attestation",
    "compose_letter_pdf",
]
