"""Add passkeys, sign in with one, remove them.

A passkey has to verify its user (PIN, finger, face): it is two factors in one, and signs in alone.  No attestation is
asked for.  Source: WebAuthn level 3, §7.1 and §7.2, done by py_webauthn.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from miss.base.clock import Clock
from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts
from miss.directory.sign_in.errors import StepExpired
from miss.directory.sign_in.factors.service import Added, SecondFactors
from miss.directory.sign_in.model import Method, Opened, SignedIn, Visit
from miss.directory.sign_in.passkeys import store
from miss.directory.sign_in.passkeys.errors import (
    PasskeyExists,
    PasskeyNotFound,
    PasskeyRefused,
    PasskeyUnusable,
    TooManyPasskeys,
)
from miss.directory.sign_in.passkeys.model import MAX_NAME, MAX_PASSKEYS, Begun, Passkey, RelyingParty
from miss.directory.sign_in.service import SignIn
from miss.directory.sign_in.steps import StepKind
from miss.storage import Database

CHALLENGE_BYTES = 32
CHALLENGE = "challenge"


@dataclass(frozen=True, slots=True)
class _Asserted:
    """A passkey whose signature holds; its use is noted with what it opens."""

    account: Account
    passkey: Passkey
    sign_count: int


class Passkeys:
    """The passkeys of all accounts."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        accounts: Accounts,
        sign_in: SignIn,
        factors: SecondFactors,
        party: RelyingParty,
    ) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._accounts = accounts
        self._sign_in = sign_in
        self._factors = factors
        self.party = party

    async def list_(self, uid: AccountId) -> Sequence[Passkey]:
        """The account's, the first added first."""
        async with self._db.snapshot() as tx:
            return await store.list_passkeys(tx, uid)

    async def begin_adding(self, signed_in: SignedIn) -> Begun:
        """Have the browser make a passkey.  Raises TooManyPasskeys."""
        uid, practitioner = signed_in.account.uid, signed_in.practitioner
        known = await self.list_(uid)
        if len(known) >= MAX_PASSKEYS:
            raise TooManyPasskeys(maximum=MAX_PASSKEYS)
        challenge = self._random_bytes(CHALLENGE_BYTES)
        options = generate_registration_options(
            rp_id=self.party.id,
            rp_name="MiSS",
            user_id=uid,
            user_name=practitioner.rpps or practitioner.display_name,
            user_display_name=practitioner.display_name,
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_descriptors(known),
        )
        return await self._begin(StepKind.PASSKEY_NEW, uid, challenge, options_to_json(options))

    async def add(self, signed_in: SignedIn, token: str, step_token: str, credential: str, name: str) -> Added:
        """Keep the passkey that the browser made; `token`: of the session.  The account's other sessions end.

        `credential`: RegistrationResponseJSON.  Raises StepExpired, PasskeyUnusable, PasskeyExists.
        """
        uid, now = signed_in.account.uid, self._clock.now()
        step = await self._sign_in.sessions.get_step(step_token, StepKind.PASSKEY_NEW)
        if step.uid != uid:
            raise StepExpired
        try:
            made = verify_registration_response(
                credential=credential,
                expected_challenge=base64url_to_bytes(step.data[CHALLENGE]),
                expected_rp_id=self.party.id,
                expected_origin=self.party.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError):
            raise PasskeyUnusable from None
        passkey = Passkey(
            credential_id=made.credential_id,
            uid=uid,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=" ".join(name.split())[:MAX_NAME] or "Passkey",
            added_at=now,
            last_used_at=None,
            is_backed_up=made.credential_backed_up,
        )
        async with self._db.transaction() as tx:
            await self._sign_in.sessions.take_step(tx, step_token, StepKind.PASSKEY_NEW)
            if not await store.insert_passkey(tx, passkey):
                raise PasskeyExists
            return await self._factors.added(tx, signed_in, token, Method.PASSKEY)

    async def remove(self, signed_in: SignedIn, credential_id: bytes) -> None:
        """Forget one of one's own.  Raises PasskeyNotFound."""
        uid = signed_in.account.uid
        async with self._db.transaction() as tx:
            if not await store.delete_passkey(tx, uid, credential_id):
                raise PasskeyNotFound
            await self._factors.removed(tx, uid, Method.PASSKEY)

    async def begin(self, uid: AccountId | None = None) -> Begun:
        """Have the browser sign with a passkey: of `uid`, or of whoever the browser knows."""
        challenge = self._random_bytes(CHALLENGE_BYTES)
        options = generate_authentication_options(
            rp_id=self.party.id,
            challenge=challenge,
            allow_credentials=_descriptors(await self.list_(uid)) if uid else None,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return await self._begin(StepKind.PASSKEY, uid, challenge, options_to_json(options))

    async def finish(self, step_token: str, credential: str, visit: Visit, *, replaces: str = "") -> Opened:
        """Sign in with a passkey; `credential`: AuthenticationResponseJSON.

        Raises StepExpired, PasskeyRefused, AccountNotActive.
        """
        asserted = await self._check(step_token, credential)
        async with self._db.transaction() as tx:
            await self._sign_in.sessions.take_step(tx, step_token, StepKind.PASSKEY)
            if not await store.use_passkey(tx, asserted.passkey, asserted.sign_count, self._clock.now()):
                raise PasskeyRefused
            return await self._sign_in.sessions.open(tx, asserted.account, Method.PASSKEY, visit, replaces=replaces)

    async def confirm(self, signed_in: SignedIn, token: str, step_token: str, credential: str) -> Opened:
        """Prove again who one is: a new token.  Raises StepExpired, PasskeyRefused, also for somebody else's."""
        asserted = await self._check(step_token, credential)
        if asserted.account.uid != signed_in.account.uid:
            raise PasskeyRefused
        async with self._db.transaction() as tx:
            await self._sign_in.sessions.take_step(tx, step_token, StepKind.PASSKEY)
            if not await store.use_passkey(tx, asserted.passkey, asserted.sign_count, self._clock.now()):
                raise PasskeyRefused
            return await self._sign_in.sessions.renew(tx, token, Method.PASSKEY)

    async def _begin(self, kind: StepKind, uid: AccountId | None, challenge: bytes, options: str) -> Begun:
        data = {CHALLENGE: bytes_to_base64url(challenge)}
        return Begun(await self._sign_in.sessions.begin_step(kind, uid, data), options)

    async def _check(self, step_token: str, credential: str) -> _Asserted:
        step = await self._sign_in.sessions.get_step(step_token, StepKind.PASSKEY)
        passkey = await self._find(credential)
        if passkey is None or (step.uid is not None and step.uid != passkey.uid):
            raise PasskeyRefused
        account = await self._accounts.get(passkey.uid)
        try:
            verified = verify_authentication_response(
                credential=credential,
                expected_challenge=base64url_to_bytes(step.data[CHALLENGE]),
                expected_rp_id=self.party.id,
                expected_origin=self.party.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError):
            await self._sign_in.record_refusal(account, "passkey")
            raise PasskeyRefused from None
        return _Asserted(account, passkey, verified.new_sign_count)

    async def _find(self, credential: str) -> Passkey | None:
        try:
            answer = json.loads(credential)
            credential_id = base64url_to_bytes(answer["rawId"])
            handle = answer["response"].get("userHandle")
            uid = base64url_to_bytes(handle) if handle else None
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        async with self._db.snapshot() as tx:
            passkey = await store.find_passkey(tx, credential_id)
        # WebAuthn §7.2, step 6: the handle, when given, is its owner's.
        return passkey if passkey and uid in {None, passkey.uid} else None


def _descriptors(passkeys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=passkey.credential_id) for passkey in passkeys]
