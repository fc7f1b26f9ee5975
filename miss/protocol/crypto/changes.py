"""Links that follow a chain: one more device, one less, a new user key, a recovery, a fresh start.  protocol §3

Each function fills in what follows from the chain and adds the signature of the device that is at hand.  What is
still missing is added where that key lives: `links.cosign` on the entering device, `links.countersign` by the
operator.  A new user key is sealed to every device of the chain with `seal_user_key_for`.
"""

from miss.base.ids import DeviceId
from miss.protocol.crypto.chains import Chain
from miss.protocol.crypto.keys import DeviceKeys, UserKey, seal_user_key
from miss.protocol.crypto.links import DevicePublic, Link, LinkCore, Op, Proof, Who, cosign, vouch, wrap_core
from miss.protocol.crypto.primitives import VERSION
from miss.protocol.errors import WrongUserKey


def compose_add(
    chain: Chain, *, device: DevicePublic, by: DeviceId, by_keys: DeviceKeys, proof: Proof, ts_ms: int
) -> Link:
    """`device` enters, let in by the active device `by`; `device` cosigns, then the operator.

    With `proof.method` "paper" it is the recovery key that enters.
    """
    return vouch(_following(chain, Op.ADD, device.did, proof, ts_ms, device=device), by, by_keys)


def compose_recover(
    chain: Chain, *, device: DevicePublic, paper: DeviceId, paper_keys: DeviceKeys, proof: Proof, ts_ms: int
) -> Link:
    """`device` enters, let in by the recovery key `paper`; `device` cosigns, then the operator."""
    return vouch(_following(chain, Op.RECOVER, device.did, proof, ts_ms, device=device), paper, paper_keys)


def compose_revoke(
    chain: Chain,
    *,
    did: DeviceId,
    user_key: UserKey,
    by: DeviceId,
    by_keys: DeviceKeys,
    proof: Proof,
    ts_ms: int,
) -> Link:
    """`did` leaves and `user_key`, which it never sees, takes over; the operator countersigns."""
    return vouch(_following(chain, Op.REVOKE, did, proof, ts_ms, user_key=user_key), by, by_keys)


def compose_uek(
    chain: Chain, *, user_key: UserKey, by: DeviceId, by_keys: DeviceKeys, proof: Proof, ts_ms: int
) -> Link:
    """`user_key` takes over; the operator countersigns."""
    return vouch(_following(chain, Op.UEK, by, proof, ts_ms, user_key=user_key), by, by_keys)


def compose_reset(
    chain: Chain, *, did: DeviceId, keys: DeviceKeys, user_key: UserKey, who: Who, proof: Proof, ts_ms: int
) -> Link:
    """Every device leaves and `did` starts over with a new user key; nobody but the operator vouches for it."""
    device = DevicePublic(did, keys.ik_public, keys.ek_public)
    return cosign(_following(chain, Op.RESET, did, proof, ts_ms, device=device, user_key=user_key, who=who), keys)


def seal_user_key_for(chain: Chain, user_key: UserKey) -> list[tuple[DeviceId, bytes]]:
    """The user key in force after `chain`, sealed to each active device, the recovery key included, by ascending did.

    For a rotation `chain` is the state after its link (`chains.apply_link`).  Raises WrongUserKey if the chain states
    another key.
    """
    if (user_key.generation, user_key.public) != (chain.uek_gen, chain.uek_pk):
        raise WrongUserKey(wanted=chain.uek_gen, given=user_key.generation)
    return [(did, seal_user_key(user_key, chain.uid, did, device.ek)) for did, device in sorted(chain.devices.items())]


def _following(
    chain: Chain,
    op: Op,
    did: DeviceId,
    proof: Proof,
    ts_ms: int,
    *,
    device: DevicePublic | None = None,
    user_key: UserKey | None = None,
    who: Who | None = None,
) -> Link:
    return wrap_core(
        LinkCore(
            v=VERSION,
            uid=chain.uid,
            seq=chain.seq + 1,
            prev=chain.head,
            op=op,
            did=did,
            ik=device.ik if device else None,
            ek=device.ek if device else None,
            uek_gen=user_key.generation if user_key else chain.uek_gen,
            uek_pk=user_key.public if user_key else chain.uek_pk,
            who=who,
            proof=proof,
            ts=ts_ms,
        )
    )
