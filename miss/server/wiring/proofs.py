"""Proofs of mails and of agreements, built for the composition root: the room, its pages, the console's list."""

from starlette.routing import BaseRoute

from miss.directory.agreements import Agreements
from miss.directory.signer import Signer
from miss.mail.proofs import Proofs, Seal
from miss.mail.proofs.service import ProofRules
from miss.server.console.engagements import EngagementPages
from miss.server.house import House
from miss.server.web.front import Front
from miss.server.web.own_proofs import PROOFS_PATH, OwnProofPages
from miss.server.web.zones import PAGE_ZONE


def build_proofs(house: House, signer: Signer, agreements: Agreements) -> Proofs:
    """The room; its job and its start are the caller's to register.  Raises AddressMalformed."""
    settings = house.settings
    return Proofs(
        house.db,
        house.keystore,
        house.clock,
        house.random_bytes,
        house.accounts,
        house.practitioners,
        house.outbox,
        agreements.list_acceptances,
        Seal(signer.receipt_key, signer.certs, signer.root_public),
        ProofRules(settings.operator_name, settings.mail_domain, f"{settings.public_origin}{PROOFS_PATH}", PAGE_ZONE),
    )


def proof_routes(house: House, front: Front, proofs: Proofs, agreements: Agreements) -> list[BaseRoute]:
    """« Mes preuves », and who has agreed to what."""
    return [
        *OwnProofPages(front, house.audit, proofs).routes(),
        *EngagementPages(house, agreements).routes(),
    ]
