"""What became of the mails that left: queued, accepted, delivered, displayed, filed or refused, as a timeline.

`reports` reads delivery and disposition reports, `belief` decides which of them count, `model` draws one state from
all that was said, `receipts` composes ours; these are pure.  `service` keeps what is believed.
"""

from miss.mail.trace.model import Mailed, Stage, Step, TimelineEntry, timeline
from miss.mail.trace.receipts import receipt_for
from miss.mail.trace.reports import is_report
from miss.mail.trace.service import Trace

__all__ = ["Mailed", "Stage", "Step", "TimelineEntry", "Trace", "is_report", "receipt_for", "timeline"]
