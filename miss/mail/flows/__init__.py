"""Flows of mail that fail: whose they are, and telling the establishment's technical contact once a day.

A flow is the mail toward one establishment, or toward one domain where no establishment has a record.
"""

from miss.mail.flows.model import FailingFlow, FlowKey, FlowKind
from miss.mail.flows.service import FlowWatch

__all__ = ["FailingFlow", "FlowKey", "FlowKind", "FlowWatch"]
