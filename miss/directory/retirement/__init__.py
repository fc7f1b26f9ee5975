"""Retirement: a day of leaving, a successor for three months, two technicians who approve (security.md §2)."""

from miss.directory.retirement.model import Approval, Redirection, Retirement, Stage, Successor
from miss.directory.retirement.service import Notice, Notify, Retirements

__all__ = ["Approval", "Notice", "Notify", "Redirection", "Retirement", "Retirements", "Stage", "Successor"]
