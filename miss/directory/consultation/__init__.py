"""Looking at the directory: what people and programs are shown, counted, and recorded when an entry is opened."""

from miss.directory.consultation.model import Reader, Seen, SeenPage
from miss.directory.consultation.service import PAGE_ENTRIES, Consultation

__all__ = ["PAGE_ENTRIES", "Consultation", "Reader", "Seen", "SeenPage"]
