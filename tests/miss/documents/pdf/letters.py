"""A letter with all that a page shows, and photographs of two shapes, for PDFs."""

import io
from dataclasses import replace
from datetime import UTC, datetime

from PIL import Image

from miss.documents.letter import Section
from miss.documents.nomenclatures.model import Coded
from miss.documents.pdf import LetterPhoto
from tests.miss.documents.fictive import ANNE, LETTER, PAUL

MADE_AT = datetime(2026, 11, 20, 10, 6, tzinfo=UTC)
DERMATOLOGY = Coded("G15_10/SM15", "1.2.250.1.213.1.1.4.5", "Dermatologie et vénéréologie")
THE_LETTER = replace(
    LETTER,
    sender=replace(
        ANNE, family_name="MODELE", given_name="Anne", title="DR", organization="CH Fictif de Dunkerque",
        specialty=DERMATOLOGY, address_lines=("1 avenue de l’Exemple",), postcode="59140", town="DUNKERQUE",
        phone="03 53 01 00 00", mailbox="dermatologie@ch-fictif.example",
    ),
    recipient=replace(PAUL, family_name="EXEMPLE", given_name="Paul", title="DR", organization="Cabinet fictif"),
    title="Compte rendu de téléexpertise : dermatologie",
    sections=(
        Section("Question posée", ("Lésion du dos, Ø ≥ 7 mm → évolution récente, β-bloquants.",)),
        Section("Conduite à tenir", ("1. Adresser en consultation.", "2. Pas de traitement local d’ici là.")),
    ),
    written_at=datetime(2026, 11, 20, 10, 5, tzinfo=UTC),
)  # fmt: skip


def photo(width: int, height: int, caption: str = "Vue d’ensemble", colour: str = "pink") -> LetterPhoto:
    """A JPEG whose metadata tell the place and the device."""
    metadata = Image.Exif()
    metadata[0x010F] = "APPAREIL-SECRET"
    metadata[0x0112] = 6  # to be turned by a quarter
    written = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(written, "JPEG", exif=metadata, comment=b"COMMENTAIRE-SECRET")
    return LetterPhoto(written.getvalue(), caption)


PHOTO = photo(80, 60)
