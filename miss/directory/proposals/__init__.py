"""Proposed changes of one's own entry: made on « Mon compte », judged by a technician."""

from miss.directory.proposals.errors import (
    MailboxNotTheirs,
    NothingProposed,
    OwnProposal,
    PhoneMalformed,
    ProposalNotFound,
    ProposalOpen,
    ProposalSettled,
    ReasonMissing,
    RemarkTooLong,
)
from miss.directory.proposals.model import EntryChange, Proposal, ProposalState, TellOutcome
from miss.directory.proposals.service import Proposals

__all__ = [
    "EntryChange",
    "MailboxNotTheirs",
    "NothingProposed",
    "OwnProposal",
    "PhoneMalformed",
    "Proposal",
    "ProposalNotFound",
    "ProposalOpen",
    "ProposalSettled",
    "ProposalState",
    "Proposals",
    "ReasonMissing",
    "RemarkTooLong",
    "TellOutcome",
]
