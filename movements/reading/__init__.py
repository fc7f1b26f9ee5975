"""What hospitals send, into movements: HL7 v2 ADT messages, CSV files.  Pure."""

from movements.reading.hl7v2 import Answered, Message, compose_ack, parse_messages
from movements.reading.tabular import Line, parse_csv

__all__ = ["Answered", "Line", "Message", "compose_ack", "parse_csv", "parse_messages"]
