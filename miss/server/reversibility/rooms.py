"""Leaving, built on the house: for the command line and for the establishment's page."""

from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.signer import Signer
from miss.mail.proofs import Seal
from miss.server.house import House
from miss.server.reversibility.house import HouseFiles
from miss.server.reversibility.service import Demands, Exporter
from miss.server.reversibility.sources import Leaving


def demands_of(house: House) -> Demands:
    """What establishments have asked for."""
    return Demands(house.db, house.clock, house.random_bytes, house.audit)


def build_exporter(house: House, signer: Signer) -> Exporter:
    """What makes archives; `signer`'s key of receipts vouches for them."""
    lent = (house.db, house.clock, house.random_bytes)
    establishments = Establishments(*lent)
    files = HouseFiles(
        db=house.db,
        clock=house.clock,
        establishments=establishments,
        roster=Roster(*lent, house.practitioners),
        roles=house.roles,
        accounts=house.accounts,
        practitioners=house.practitioners,
        statistics=house.statistics,
        audit=house.audit,
    )
    seal = Seal(signer.receipt_key, signer.certs, signer.root_public)
    return Exporter(
        *lent,
        house.audit,
        establishments,
        Leaving(files.files),
        house.leavings,
        house.settings.operator_name,
        seal.sign,
    )
