"""Acknowledgements of an alarm: « pris en compte », signed by the one who answers for it.  protocol §3, §7

    core            = [v, cid, seq, env_hash, uid, did, ts]
    acknowledgement = [core, Sign(ik of did, "acknowledge", core)]

More than a read receipt: somebody pressed a button about this very message.  Whether that person is one of those
the alarm may be acknowledged by is the caller's to check.
"""

from dataclasses import dataclass

from nacl.signing import SigningKey

from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.protocol.crypto.chains import Chain
from miss.protocol.crypto.statements import Statement, StatementForm
from miss.protocol.errors import AcknowledgementForged, BadAcknowledgement


@dataclass(frozen=True, slots=True)
class Acknowledgement(Statement):
    """A signed acknowledgement of the alarm at `seq`."""


_FORM = StatementForm(Acknowledgement, "acknowledge", BadAcknowledgement, AcknowledgementForged)


def compose_acknowledgement(
    *, cid: ConversationId, seq: int, env_hash: bytes, uid: AccountId, did: DeviceId, ts_ms: int, ik: SigningKey
) -> Acknowledgement:
    """The acknowledgement, signed with the `ik` of `did`.  Raises BadAcknowledgement if a field is out of bounds."""
    return _FORM.compose(cid=cid, seq=seq, env_hash=env_hash, uid=uid, did=did, ts_ms=ts_ms, ik=ik)


def parse_acknowledgement(data: bytes) -> Acknowledgement:
    """The acknowledgement in `data`, signature unchecked.  Raises BadAcknowledgement, UnsupportedVersion."""
    return _FORM.parse(data)


def verify_acknowledgement(acknowledgement: Acknowledgement, chain: Chain) -> None:
    """Check the signature against the person's verified chain.  Raises AcknowledgementForged."""
    _FORM.verify(acknowledgement, chain)
