"""What the operator attests, and what not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from miss.base.clock import MovableClock, to_ms
from miss.base.ids import AccountId, DeviceId, PractitionerId
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.directory.accounts import Account, Verification
from miss.directory.accounts.errors import AccountNotActive
from miss.directory.practitioners import Coding, Practitioner
from miss.directory.signer import Signer, load_or_create_signer, who_of
from miss.directory.signer.errors import DeviceClockWrong, IdentityMismatch
from miss.protocol.crypto.chains import verify_chain
from miss.protocol.crypto.keys import DeviceKeys, UserKey
from miss.protocol.crypto.links import Link, Proof, Who, compose_genesis

UID = AccountId(b"u" * 16)
ANNE = Practitioner(
    id=PractitionerId("899900000011"),
    family="MODELE",
    given="Anne",
    civility="Dr",
    profession=Coding("10", "Médecin"),
    roles=(),
    mailboxes=(),
)


@pytest.fixture
def signer(tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes) -> Signer:
    return load_or_create_signer(tmp_path, clock, random_bytes)


@pytest.fixture
def account(clock: MovableClock) -> Account:
    return Account(UID, ANNE.id, Verification.VERIFIED, clock.now(), Language.FR)


def link(clock: MovableClock, random_bytes: RandomBytes, who: Who | None = None, off: timedelta = timedelta()) -> Link:
    ts_ms = to_ms(clock.now() + off)
    return compose_genesis(
        uid=UID,
        did=DeviceId(b"d" * 16),
        keys=DeviceKeys.generate(random_bytes),
        user_key=UserKey.generate(1, random_bytes),
        who=who or who_of(ANNE),
        proof=Proof("activation-code", ts_ms),
        ts_ms=ts_ms,
    )


def test_a_countersigned_link_starts_a_chain_everybody_can_verify(
    signer: Signer, account: Account, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    signed = signer.countersign(link(clock, random_bytes), account, ANNE)
    chain = verify_chain([signed], signer.root_public, signer.opcerts)
    assert chain.who == Who("99900000011", "MODELE", "Anne", "Médecin")


@pytest.mark.parametrize("state", [state for state in Verification if state is not Verification.VERIFIED])
def test_only_verified_accounts_are_attested(
    signer: Signer, account: Account, clock: MovableClock, random_bytes: RandomBytes, state: Verification
) -> None:
    with pytest.raises(AccountNotActive):
        signer.countersign(link(clock, random_bytes), replace(account, verification=state), ANNE)


@pytest.mark.parametrize("field", ["rpps", "family", "given", "profession"])
def test_only_the_directorys_words_are_attested(
    signer: Signer, account: Account, clock: MovableClock, random_bytes: RandomBytes, field: str
) -> None:
    claimed = msgspec.structs.replace(who_of(ANNE), **{field: "99900000029" if field == "rpps" else "AUTRE"})
    with pytest.raises(IdentityMismatch) as refused:
        signer.countersign(link(clock, random_bytes, claimed), account, ANNE)
    assert refused.value.params["field"] == field


def test_a_link_of_another_account_or_practitioner_is_refused(
    signer: Signer, account: Account, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    genesis = link(clock, random_bytes)
    with pytest.raises(IdentityMismatch, match="field=uid"):
        signer.countersign(genesis, replace(account, uid=AccountId(b"v" * 16)), ANNE)
    with pytest.raises(IdentityMismatch, match="field=practitioner"):
        signer.countersign(genesis, account, replace(ANNE, id=PractitionerId("p2")))


@pytest.mark.parametrize("minutes", [-11, 11])
def test_a_link_of_another_time_is_refused(
    signer: Signer, account: Account, clock: MovableClock, random_bytes: RandomBytes, minutes: int
) -> None:
    with pytest.raises(DeviceClockWrong):
        signer.countersign(link(clock, random_bytes, off=timedelta(minutes=minutes)), account, ANNE)


def test_the_fingerprint_is_made_to_be_read_aloud(signer: Signer) -> None:
    groups = signer.root_fingerprint.split()
    assert [len(group) for group in groups] == [4] * 8
    assert int("".join(groups), 16)
