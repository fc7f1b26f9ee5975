"""Ask for a link, follow it, choose a password.

Asking does the same whoever is named: one job is queued, and what it finds is told to the mailbox, never to the page
(security.md §2, row 22).  The link serves once, for half an hour, and needs the second factor beside it; an account
without one is told to ask support for an activation code, which comes by letter.
"""

from miss.base.clock import Clock
from miss.base.ids import AccountId, PractitionerId
from miss.base.random import RandomBytes
from miss.directory.accounts import Accounts, Act
from miss.directory.practitioners import Practitioners
from miss.directory.sign_in import store
from miss.directory.sign_in.factors import SecondFactors
from miss.directory.sign_in.model import subject_of_nobody
from miss.directory.sign_in.reset.model import LINK_VALIDITY, ResetMail, ResetMailKind, SendResetMail
from miss.directory.sign_in.service import SignIn
from miss.directory.sign_in.steps import StepKind
from miss.storage import Database
from miss.storage.jobs import Job, JobHandler, JobRunner, schedule

JOB = "sign_in.reset"
REFERENCE_BYTES = 8


class PasswordReset:
    """The way to another password for who has forgotten theirs."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        practitioners: Practitioners,
        accounts: Accounts,
        sign_in: SignIn,
        factors: SecondFactors,
        jobs: JobRunner,
        send: SendResetMail,
    ) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._practitioners = practitioners
        self._accounts = accounts
        self._sign_in = sign_in
        self._factors = factors
        self._jobs = jobs
        self._send = send

    async def ask(self, login: str, address: str) -> None:
        """Have a link sent to the mailbox of whom `login` names (`Practitioners.find_by_login`), if anybody.

        Raises SignInThrottled, AddressThrottled: for names nobody has as well.
        """
        practitioner = await self._practitioners.find_by_login(login)
        subject = practitioner.id if practitioner else subject_of_nobody(login)
        await self._sign_in.tries.begin(f"reset:{subject}", address)
        async with self._db.transaction() as tx:
            now = self._clock.now()
            await schedule(tx, JOB, subject, now, random_bytes=self._random_bytes)
        self._jobs.wake()

    async def check(self, token: str) -> None:
        """Raises StepExpired unless the link is good; following it uses nothing up (mail scanners do)."""
        await self._sign_in.sessions.get_step(token, StepKind.RESET)

    async def finish(self, token: str, code: str, password: str, address: str) -> None:
        """Keep a new password; every session of the account ends.  `code`: of the second factor.

        Raises StepExpired, what is said of an unacceptable password, WrongSecondFactor, SignInThrottled,
        AddressThrottled; nothing is used up then but the try.
        """
        step = await self._sign_in.sessions.get_step(token, StepKind.RESET)
        account = await self._accounts.get(step.uid or AccountId(b""))
        practitioner = await self._practitioners.get(account.practitioner_id)
        password_hash = await self._sign_in.hash_acceptable(practitioner, password)
        proof = await self._factors.judge(account, code, address)
        async with self._db.transaction() as tx:
            await self._sign_in.sessions.take_step(tx, token, StepKind.RESET)
            await self._factors.use(tx, account, proof, address)
            await self._sign_in.set_password(tx, account, password_hash)
            await store.forget_failures(tx, f"reset:{account.practitioner_id}")
            await self._send(tx, account, practitioner, ResetMail(ResetMailKind.CHANGED, self._reference()))
        self._jobs.wake()

    def job_handler(self) -> JobHandler:
        """Sends what was asked for."""
        return JobHandler(JOB, self._answer)

    async def _answer(self, job: Job) -> None:
        account = await self._accounts.find_by_practitioner(PractitionerId(job.key))
        if account is None or not account.is_active:
            return
        practitioner = await self._practitioners.get(account.practitioner_id)
        async with self._db.transaction() as tx:
            uid = account.uid
            await self._accounts.record(tx, Act.RESET_ASKED, uid=uid, by="")
            # An earlier link is worth nothing any more.
            await store.delete_steps(tx, uid, StepKind.RESET)
            kind, token = ResetMailKind.NO_SECOND_FACTOR, ""
            if await self._sign_in.has_second_factor(tx, uid):
                kind = ResetMailKind.LINK
                token = await self._sign_in.sessions.insert_step(tx, StepKind.RESET, uid, {}, validity=LINK_VALIDITY)
            await self._send(tx, account, practitioner, ResetMail(kind, self._reference(), token))

    def _reference(self) -> str:
        return self._random_bytes(REFERENCE_BYTES).hex()
