"""« Mon compte → Sécurité »: the password, the application of codes, passkeys, the sheet of recovery codes.

What changes one of them asks for a fresh proof of who one is; what adds the first second factor is open to who has yet
to set one up.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.directory.sign_in import ENOUGH_BITS, Opened, StepExpired, Strength
from miss.directory.sign_in.factors import FactorExists
from miss.directory.sign_in.factors.service import Added
from miss.directory.sign_in.passkeys.errors import PasskeyNotFound
from miss.server.errors import PasswordsDiffer
from miss.server.web.access import person_of, requires
from miss.server.web.forms import address_of, field, local_path
from miss.server.web.front import CREDENTIAL, Front, answer_script, begin_ceremony, to
from miss.server.web.sign_in import TRIAL

SECURITY_PATH = "/compte/securite"
CONFIRM_PATH = "/compte/confirmation"
PASSWORD_PATH = f"{SECURITY_PATH}/mot-de-passe"
TOTP_PATH = f"{SECURITY_PATH}/application"
PASSKEYS_PATH = f"{SECURITY_PATH}/cles"
CODES_PATH = f"{SECURITY_PATH}/codes"


@dataclass(frozen=True, slots=True)
class SecurityPages:
    """How somebody signs in, in their own hands."""

    front: Front

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(SECURITY_PATH, self.show, methods=["GET"]),
            Route(PASSWORD_PATH, self.show_password, methods=["GET"]),
            Route(PASSWORD_PATH, self.change_password, methods=["POST"]),
            Route(TOTP_PATH, self.offer_totp, methods=["GET"]),
            Route(TOTP_PATH, self.add_totp, methods=["POST"]),
            Route(f"{TOTP_PATH}/retrait", self.remove_totp, methods=["POST"]),
            Route(f"{PASSKEYS_PATH}/options", self.begin_passkey, methods=["POST"]),
            Route(PASSKEYS_PATH, self.add_passkey, methods=["POST"]),
            Route(f"{PASSKEYS_PATH}/{{key}}/retrait", self.remove_passkey, methods=["POST"]),
            Route(CODES_PATH, self.make_codes, methods=["POST"]),
            Route(CONFIRM_PATH, self.show_confirm, methods=["GET"]),
            Route(CONFIRM_PATH, self.confirm, methods=["POST"]),
            Route(f"{CONFIRM_PATH}/cle/options", self.begin_confirm, methods=["POST"]),
            Route(f"{CONFIRM_PATH}/cle", self.confirm_with_passkey, methods=["POST"]),
        ]

    @requires(before_second_factor=True)
    async def show(self, request: Request) -> Response:
        return await self._show(request)

    # The password

    @requires(before_second_factor=True)
    async def show_password(self, request: Request) -> Response:
        return await self._password(request)

    @requires(before_second_factor=True)
    async def change_password(self, request: Request) -> Response:
        """The present password is the proof."""
        form, person = await request.form(), person_of(request)
        password = field(form, "password")
        try:
            if field(form, TRIAL):
                strength = await self.front.sign_in.estimate(password, person.practitioner)
                return await self._password(request, strength)
            if password != field(form, "password_again"):
                raise PasswordsDiffer
            await self.front.attempts.count(request)
            await self.front.sign_in.change_password(person, field(form, "current"), password, address_of(request))
        except MissError as error:
            return await self._password(request, error=error)
        return to(f"{SECURITY_PATH}?fait=mot-de-passe")

    # The application of codes

    @requires(fresh=True, before_second_factor=True)
    async def offer_totp(self, request: Request) -> Response:
        try:
            offer = await self.front.factors.offer_totp(person_of(request))
        except FactorExists as error:
            return await self._show(request, error)
        response = await self.front.show(request, "totp.html", {"offer": offer})
        return self.front.cookies.begin(response, offer.step_token)

    @requires(fresh=True, before_second_factor=True)
    async def add_totp(self, request: Request) -> Response:
        """The application's first code; the same picture again if it is wrong."""
        form, person = await request.form(), person_of(request)
        step_token = self.front.cookies.step_token(request)
        try:
            await self.front.attempts.count(request)
            added = await self.front.factors.add_totp(
                person, self.front.cookies.token(request), step_token, field(form, "code")
            )
        except (StepExpired, FactorExists) as error:
            return await self._show(request, error)
        except MissError as error:
            offer = await self.front.factors.show_offer(person, step_token)
            return await self.front.show(request, "totp.html", {"offer": offer}, error)
        return await self._added(request, added, "application")

    @requires(fresh=True)
    async def remove_totp(self, request: Request) -> Response:
        try:
            await self.front.factors.remove_totp(person_of(request))
        except MissError as error:
            return await self._show(request, error)
        return to(f"{SECURITY_PATH}?fait=retrait")

    # Passkeys

    @requires(fresh=True, before_second_factor=True)
    async def begin_passkey(self, request: Request) -> Response:
        try:
            begun = await self.front.passkeys.begin_adding(person_of(request))
        except MissError as error:
            return answer_script(error, request)
        return begin_ceremony(self.front, begun)

    @requires(fresh=True, before_second_factor=True)
    async def add_passkey(self, request: Request) -> Response:
        """The browser has made one, and the script has filled the form."""
        form = await request.form()
        try:
            added = await self.front.passkeys.add(
                person_of(request),
                self.front.cookies.token(request),
                self.front.cookies.passkey_token(request),
                field(form, CREDENTIAL),
                field(form, "name"),
            )
        except MissError as error:
            return await self._show(request, error)
        return await self._added(request, added, "cle")

    @requires(fresh=True)
    async def remove_passkey(self, request: Request) -> Response:
        try:
            try:
                key = bytes.fromhex(request.path_params["key"])
            except ValueError:
                raise PasskeyNotFound from None
            await self.front.passkeys.remove(person_of(request), key)
        except MissError as error:
            return await self._show(request, error)
        return to(f"{SECURITY_PATH}?fait=retrait")

    # Recovery codes

    @requires(fresh=True)
    async def make_codes(self, request: Request) -> Response:
        try:
            codes = await self.front.factors.make_codes(person_of(request))
        except MissError as error:
            return await self._show(request, error)
        return await self.front.pages.render(request, "recovery_codes.html", codes=codes)

    # Proving again who one is

    @requires(before_second_factor=True)
    async def show_confirm(self, request: Request) -> Response:
        return await self._confirm(request, local_path(request.query_params.get("suite", SECURITY_PATH)))

    @requires(before_second_factor=True)
    async def confirm(self, request: Request) -> Response:
        """By a code for who has a second factor, else by the password."""
        form, person = await request.form(), person_of(request)
        after, token, address = local_path(field(form, "suite")), self.front.cookies.token(request), address_of(request)
        try:
            await self.front.attempts.count(request)
            if (await self.front.factors.status(person.account.uid)).any:
                opened = await self.front.factors.confirm(person, token, field(form, "code"), address)
            else:
                opened = await self.front.sign_in.confirm_password(person, token, field(form, "password"), address)
        except MissError as error:
            return await self._confirm(request, after, error)
        return self._go_on(opened, after)

    @requires(before_second_factor=True)
    async def begin_confirm(self, request: Request) -> Response:
        begun = await self.front.passkeys.begin(person_of(request).account.uid)
        return begin_ceremony(self.front, begun)

    @requires(before_second_factor=True)
    async def confirm_with_passkey(self, request: Request) -> Response:
        form = await request.form()
        after = local_path(field(form, "suite"))
        try:
            await self.front.attempts.count(request)
            opened = await self.front.passkeys.confirm(
                person_of(request),
                self.front.cookies.token(request),
                self.front.cookies.passkey_token(request),
                field(form, CREDENTIAL),
            )
        except MissError as error:
            return await self._confirm(request, after, error)
        return self._go_on(opened, after)

    def _go_on(self, opened: Opened, after: str) -> Response:
        return self.front.cookies.open(to(after), opened.token)

    async def _show(self, request: Request, error: MissError | None = None) -> Response:
        person = person_of(request)
        uid = person.account.uid
        shown = {
            "person": person,
            "factors": await self.front.factors.status(uid),
            "passkeys": await self.front.passkeys.list_(uid),
            "passkeys_usable": self.front.passkeys.party.is_usable,
            "done": request.query_params.get("fait", ""),
        }
        return await self.front.show(request, "security.html", shown, error)

    async def _password(
        self, request: Request, strength: Strength | None = None, error: MissError | None = None
    ) -> Response:
        shown = {"strength": strength, "enough_bits": ENOUGH_BITS}
        return await self.front.show(request, "password.html", shown, error)

    async def _confirm(self, request: Request, after: str, error: MissError | None = None) -> Response:
        factors = await self.front.factors.status(person_of(request).account.uid)
        shown = {
            "after": after,
            "factors": factors,
            "passkeys_usable": self.front.passkeys.party.is_usable,
            "has_psc": self.front.has_psc,
        }
        return await self.front.show(request, "confirm.html", shown, error)

    async def _added(self, request: Request, added: Added, what: str) -> Response:
        """The sheet, if there is a new one; the session goes on under its new token."""
        response: Response = to(f"{SECURITY_PATH}?fait={what}")
        if added.recovery_codes:
            response = await self.front.pages.render(request, "recovery_codes.html", codes=added.recovery_codes)
        return self.front.cookies.open(response, added.opened.token)
