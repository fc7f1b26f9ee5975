"""A person's chain of links, verified: which devices count, which user key is in force, who the person is.  protocol §3

A device counts only if both the person's chain and the operator signed it: the operator alone cannot add a device
to a living chain, a person alone cannot claim a number in the register.  The operator alone can start a chain
(`genesis`) and start it over (`reset`, counted in `Chain.resets` so that clients show it).

The operator's signature is judged by the certificate in force at the link's own `ts`: links outlive certificates.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from miss.base.ids import AccountId, DeviceId
from miss.protocol.crypto.links import PAPER, DevicePublic, Link, LinkCore, Op, Who
from miss.protocol.crypto.opcert import OpCert, Purpose, verify_opcerts
from miss.protocol.crypto.primitives import verify
from miss.protocol.errors import (
    LinkForged,
    LinkNotAllowed,
    LinkNotCountersigned,
    LinkOutOfOrder,
    UnknownLinkHead,
)
from miss.protocol.limits import MAX_DEVICES

FUTURE_TOLERANCE_MS: Final = 5 * 60 * 1000
"""How far a link's `ts` may run ahead of the reader's clock."""


@dataclass(frozen=True, slots=True)
class Device(DevicePublic):
    """An active device of a verified chain."""

    paper: bool = False
    """True for the recovery key: it signs `recover` links and nothing else."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The state after a verified link; states are linked backwards, so that any earlier head can be looked up."""

    uid: AccountId
    who: Who
    head: bytes
    """Hash of the last link."""
    seq: int
    devices: Mapping[DeviceId, Device]
    """The active ones, the recovery key included."""
    uek_gen: int
    uek_pk: bytes
    ts_ms: int
    revoked: frozenset[DeviceId] = frozenset()
    """Devices that counted once; their ids are never used again."""
    resets: int = 0
    before: "Chain | None" = field(default=None, repr=False, compare=False)

    def states(self) -> Iterator["Chain"]:
        """This state, then each earlier one."""
        state: Chain | None = self
        while state is not None:
            yield state
            state = state.before

    def at(self, head: bytes) -> "Chain":
        """The state whose head is `head`.  Raises UnknownLinkHead if this chain never had it."""
        for state in self.states():
            if state.head == head:
                return state
        raise UnknownLinkHead(uid=self.uid.hex(), seq=self.seq)

    def signer_at(self, head: bytes, did: DeviceId) -> Device | None:
        """The device `did` if it was active at `head`; never the recovery key.  Raises UnknownLinkHead."""
        return _signer(self.at(head), did)

    def signer_since(self, head: bytes, did: DeviceId) -> Device | None:
        """The device `did` if it was active at `head` or entered later; never the recovery key.

        A new device needs no new epoch (protocol §4), so it may write under a commit older than itself, as long as
        the user key is still the one that the commit was sealed to; a device that was revoked before the commit may
        not.  Raises UnknownLinkHead.
        """
        pinned = self.at(head)
        # Devices leave only with a new user key: the last state of a generation holds all that it ever had.
        last = next(state for state in self.states() if state.uek_gen == pinned.uek_gen)
        return _signer(last, did)


def _signer(state: Chain, did: DeviceId) -> Device | None:
    device = state.devices.get(did)
    return None if device is None or device.paper else device


def verify_chain(
    links: Iterable[Link],
    root_public: bytes,
    opcerts: Iterable[bytes],
    now_ms: int | None = None,
    after: Chain | None = None,
) -> Chain:
    """The state after `links`, which follow the verified state `after` (or start the chain).

    Raises BadOpCert if a certificate is not ROOT's, a LinkError for the first link that does not hold.
    """
    certs = verify_opcerts(opcerts, root_public)
    chain = after
    for link in links:
        if now_ms is not None and link.core.ts > now_ms + FUTURE_TOLERANCE_MS:
            raise LinkNotAllowed(rule="future", seq=link.core.seq)
        _check_countersignature(link, certs)
        chain = apply_link(chain, link)
    if chain is None:
        raise LinkOutOfOrder(reason="no_links")
    return chain


def _check_countersignature(link: Link, certs: tuple[OpCert, ...]) -> None:
    signature = link.op_sig
    if signature is None or not any(
        verify(cert.public, "link-op", link.core_bytes, signature)
        for cert in certs
        if cert.covers(Purpose.IDENTITY, link.core.ts)
    ):
        raise LinkNotCountersigned(seq=link.core.seq)


def apply_link(chain: Chain | None, link: Link) -> Chain:
    """The state after `link`: its place, the rules of its operation and the person's signatures are checked.

    The operator's signature is not: the operator calls this before countersigning.  Everybody else calls
    `verify_chain`.  Raises LinkOutOfOrder, LinkNotAllowed, LinkForged.
    """
    core = link.core
    if chain is None:
        if (core.op, core.seq, core.prev) != (Op.GENESIS, 1, b""):
            raise LinkOutOfOrder(reason="no_genesis", seq=core.seq)
    elif (core.uid, core.seq, core.prev) != (chain.uid, chain.seq + 1, chain.head):
        raise LinkOutOfOrder(reason="not_next", seq=core.seq, expected_seq=chain.seq + 1)
    rules = RULES[core.op]
    _check_fields(rules, chain, core)
    _check_signatures(rules, chain, link)
    return _next_state(chain, link)


@dataclass(frozen=True, slots=True)
class Rules:
    """What one operation asks for."""

    voucher: str | None
    """Who signs `by`: "device", "paper", or nobody."""
    enters: bool
    """True: `did` enters with `ik` and `ek`, and signs."""
    new_uek: bool
    """True: the user key's generation grows by one; False: it stays."""
    certifies: bool
    """True: `who` is required."""


RULES: Final[Mapping[Op, Rules]] = {
    Op.GENESIS: Rules(voucher=None, enters=True, new_uek=True, certifies=True),
    Op.ADD: Rules(voucher="device", enters=True, new_uek=False, certifies=False),
    Op.REVOKE: Rules(voucher="device", enters=False, new_uek=True, certifies=False),
    Op.UEK: Rules(voucher="device", enters=False, new_uek=True, certifies=False),
    Op.RECOVER: Rules(voucher="paper", enters=True, new_uek=False, certifies=False),
    Op.RESET: Rules(voucher=None, enters=True, new_uek=True, certifies=True),
}


def _require(holds: bool, rule: str, core: LinkCore) -> None:
    if not holds:
        raise LinkNotAllowed(rule=rule, seq=core.seq, op=core.op.value)


def _check_fields(rules: Rules, chain: Chain | None, core: LinkCore) -> None:
    """The link says what its operation may say, given the state before."""
    _require((core.ik is not None) == rules.enters and (core.ek is not None) == rules.enters, "device_keys", core)
    _require(core.who is not None or not rules.certifies, "who_missing", core)
    _require((chain is None) == (core.op is Op.GENESIS), "genesis", core)
    if chain is None:
        _require(core.uek_gen == 1, "first_generation", core)
        _require(core.proof.method != PAPER, "paper", core)
        return
    if rules.new_uek:
        _require(core.uek_gen == chain.uek_gen + 1 and core.uek_pk != chain.uek_pk, "next_generation", core)
    else:
        _require((core.uek_gen, core.uek_pk) == (chain.uek_gen, chain.uek_pk), "same_generation", core)
    if core.who is not None:
        # A register number, once certified, is the person's: another one is another person, hence another chain.
        _require(chain.who.rpps in ("", core.who.rpps), "rpps_changed", core)
    if rules.enters:
        _require(core.did not in chain.devices and core.did not in chain.revoked, "did_known", core)
        _require(all(core.ik != device.ik for device in chain.devices.values()), "key_known", core)
        # Who lost ten devices at once can revoke none of them before a new one has entered.
        most = MAX_DEVICES + (core.op is Op.RECOVER)
        _require(core.op is Op.RESET or len(chain.devices) < most, "too_many_devices", core)
    else:
        _require(core.did in chain.devices, "did_unknown", core)
    if core.proof.method == PAPER:
        only = not any(device.paper for device in chain.devices.values())
        _require(core.op is Op.ADD and only, "paper", core)


def _check_signatures(rules: Rules, chain: Chain | None, link: Link) -> None:
    """The signatures the operation asks for are there and right, and no other."""
    core = link.core
    if rules.voucher is None or chain is None:
        _require(link.by is None and link.by_sig is None, "vouched", core)
    else:
        by = None if link.by is None else chain.devices.get(link.by)
        if by is None or by.paper != (rules.voucher == "paper"):
            raise LinkForged(reason="voucher", seq=core.seq)
        if link.by_sig is None or not verify(by.ik, "link-by", link.core_bytes, link.by_sig):
            raise LinkForged(reason="by_sig", seq=core.seq)
        # A device that leaves must not choose the user key that shuts it out.
        _require(core.op is not Op.REVOKE or by.did != core.did, "self_revocation", core)
        _require(core.op is not Op.UEK or by.did == core.did, "uek_of_another", core)
    if core.ik is None:
        _require(link.new_sig is None, "cosigned", core)
    elif link.new_sig is None or not verify(core.ik, "link-new", link.core_bytes, link.new_sig):
        raise LinkForged(reason="new_sig", seq=core.seq)


def _next_state(chain: Chain | None, link: Link) -> Chain:
    core = link.core
    devices = {} if chain is None or core.op is Op.RESET else dict(chain.devices)
    if core.ik is not None and core.ek is not None:
        devices[core.did] = Device(core.did, core.ik, core.ek, paper=core.proof.method == PAPER)
    elif core.op is Op.REVOKE:
        del devices[core.did]
    who = core.who
    if chain is None:
        if who is None:
            raise LinkNotAllowed(rule="who_missing", seq=core.seq, op=core.op.value)
        return Chain(core.uid, who, link.hash, core.seq, MappingProxyType(devices), core.uek_gen, core.uek_pk, core.ts)
    return replace(
        chain,
        who=who or chain.who,
        head=link.hash,
        seq=core.seq,
        devices=MappingProxyType(devices),
        uek_gen=core.uek_gen,
        uek_pk=core.uek_pk,
        ts_ms=core.ts,
        revoked=chain.revoked | (chain.devices.keys() - devices.keys()),
        resets=chain.resets + (core.op is Op.RESET),
        before=chain,
    )
