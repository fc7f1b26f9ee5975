"""Signing in and out on the pages: password, second factor, passkey; activation; locking.  Works without script.

(Passkeys are the browser's: they need the script, and the button stays hidden without.)
"""

from dataclasses import dataclass

from starlette.datastructures import URL, FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.directory.sign_in import ENOUGH_BITS, Opened, StepExpired, Strength, Visit
from miss.directory.sign_in.steps import StepKind
from miss.server.errors import PasswordsDiffer
from miss.server.web.access import anyone, requires
from miss.server.web.forms import address_of, field, local_path, visit_of
from miss.server.web.front import CREDENTIAL, Front, answer_script, begin_ceremony, read_json, to
from miss.server.web.pages import language_of

SIGN_IN_PATH = "/connexion"
SECOND_PATH = f"{SIGN_IN_PATH}/second-facteur"
ESTIMATE_PATH = "/mot-de-passe/estimation"
TRIAL = "essai"
"""The button that asks how strong the password would be, instead of sending the form."""


@dataclass(frozen=True, slots=True)
class SignInPages:
    """The way in and the way out."""

    front: Front

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(SIGN_IN_PATH, self.show, methods=["GET"]),
            Route(SIGN_IN_PATH, self.sign_in, methods=["POST"]),
            Route(f"{SIGN_IN_PATH}/deverrouillage", self.unlock, methods=["POST"]),
            Route(f"{SIGN_IN_PATH}/cle/options", self.begin_passkey, methods=["POST"]),
            Route(f"{SIGN_IN_PATH}/cle", self.finish_passkey, methods=["POST"]),
            Route(SECOND_PATH, self.show_second, methods=["GET"]),
            Route(SECOND_PATH, self.finish_second, methods=["POST"]),
            Route("/verrouillage", self.lock, methods=["POST"]),
            Route("/deconnexion", self.sign_out, methods=["POST"]),
            Route("/activation", self.show_activation, methods=["GET"]),
            Route("/activation", self.activate, methods=["POST"]),
            Route(ESTIMATE_PATH, self.estimate, methods=["POST"]),
        ]

    @anyone
    async def show(self, request: Request) -> Response:
        after = local_path(request.query_params.get("suite", "/"))
        if request.state.signed_in:
            return to(after)
        return await self.front.show(request, "sign_in.html", self._shown(request, after))

    @anyone
    async def sign_in(self, request: Request) -> Response:
        """Open a session or ask for the second factor; the form again, with the reason, if refused."""
        form = await request.form()
        login, after = field(form, "login"), local_path(field(form, "suite"))
        visit = self._visit(request, form)
        try:
            await self.front.attempts.count(request)
            outcome = await self.front.sign_in.sign_in(
                login, field(form, "password"), visit, replaces=self.front.cookies.token(request)
            )
        except MissError as error:
            shown = self._shown(request, after, "" if visit.is_shared else login)
            return await self.front.show(request, "sign_in.html", shown, error)
        if isinstance(outcome, Opened):
            return self._open(outcome, after, visit)
        response = self.front.cookies.begin(to(_with_after(SECOND_PATH, after)), outcome.token)
        self.front.cookies.remember_workstation(response, is_shared=visit.is_shared)
        return response

    @anyone
    async def unlock(self, request: Request) -> Response:
        """The person whose session is locked comes back with the password alone."""
        form = await request.form()
        after = local_path(field(form, "suite"))
        try:
            await self.front.attempts.count(request)
            token = self.front.cookies.token(request)
            opened = await self.front.sign_in.unlock(token, field(form, "password"), address_of(request))
        except MissError as error:
            return await self.front.show(request, "sign_in.html", self._shown(request, after), error)
        return self.front.cookies.open(to(after), opened.token)

    @anyone
    async def show_second(self, request: Request) -> Response:
        after = local_path(request.query_params.get("suite", "/"))
        return await self._show_second(request, after, None)

    @anyone
    async def finish_second(self, request: Request) -> Response:
        """The code that follows the password."""
        form = await request.form()
        after, cookies = local_path(field(form, "suite")), self.front.cookies
        try:
            await self.front.attempts.count(request)
            opened = await self.front.factors.finish(
                cookies.step_token(request), field(form, "code"), visit_of(request), replaces=cookies.token(request)
            )
        except StepExpired as error:
            return await self.front.show(request, "sign_in.html", self._shown(request, after), error)
        except MissError as error:
            return await self._show_second(request, after, error)
        return cookies.open(to(after), opened.token)

    @anyone
    async def begin_passkey(self, request: Request) -> Response:
        """What the script hands to the browser; after a password, only that person's keys will do."""
        uid = None
        try:
            await self.front.attempts.count(request)
            token = self.front.cookies.step_token(request)
            uid = (await self.front.sign_in.sessions.get_step(token, StepKind.SECOND_FACTOR)).uid if token else None
        except StepExpired:
            pass  # nothing begun with a password: any key will do
        except MissError as error:
            return answer_script(error, request)
        return begin_ceremony(self.front, await self.front.passkeys.begin(uid))

    @anyone
    async def finish_passkey(self, request: Request) -> Response:
        """The browser has signed, and the script has filled the form."""
        form = await request.form()
        after, visit = local_path(field(form, "suite")), self._visit(request, form)
        try:
            await self.front.attempts.count(request)
            opened = await self.front.passkeys.finish(
                self.front.cookies.passkey_token(request),
                field(form, CREDENTIAL),
                visit,
                replaces=self.front.cookies.token(request),
            )
        except MissError as error:
            return await self.front.show(request, "sign_in.html", self._shown(request, after), error)
        return self._open(opened, after, visit)

    @requires(before_second_factor=True)
    async def lock(self, request: Request) -> Response:
        """Leave the machine: the name stays, nothing else is shown."""
        await self.front.sign_in.sessions.lock(self.front.cookies.token(request))
        return to(SIGN_IN_PATH)

    @anyone
    async def sign_out(self, request: Request) -> Response:
        found = request.state.signed_in or request.state.locked
        await self.front.sign_in.sign_out(self.front.cookies.token(request))
        return self.front.cookies.close(to(SIGN_IN_PATH), shared=bool(found and found.session.visit.is_shared))

    # The first time

    @anyone
    async def show_activation(self, request: Request) -> Response:
        return await self._activation(request)

    @anyone
    async def activate(self, request: Request) -> Response:
        """The install check of a browser: use the code up, keep the password, open a session."""
        form = await request.form()
        rpps, password = field(form, "rpps").replace(" ", ""), field(form, "password")
        code = field(form, "code")
        visit = self._visit(request, form)
        try:
            await self.front.attempts.count(request)
            if field(form, TRIAL):
                strength = await self.front.sign_in.estimate(password, None)
                return await self._activation(request, rpps, code, strength)
            if password != field(form, "password_again"):
                raise PasswordsDiffer
            await self.front.sign_in.choose_password(rpps, code, password)
            outcome = await self.front.sign_in.sign_in(
                rpps, password, visit, replaces=self.front.cookies.token(request)
            )
        except MissError as error:
            return await self._activation(request, rpps, code, error=error)
        if isinstance(outcome, Opened):
            return self._open(outcome, "/", visit)
        return self.front.cookies.begin(to(SECOND_PATH), outcome.token)

    @anyone
    async def estimate(self, request: Request) -> Response:
        """How strong a password would be, for the script that shows it while it is typed."""
        try:
            password = (await read_json(request)).get("password", "")
            person = request.state.signed_in
            strength = await self.front.sign_in.estimate(password, person.practitioner if person else None)
        except MissError as error:
            return answer_script(error, request)
        language = language_of(request)
        said = {
            "bits": strength.bits,
            "enough": strength.is_enough,
            "advice": [text.in_(language) for text in strength.advice],
        }
        return JSONResponse(said, headers={"Cache-Control": "no-store"})

    async def _activation(
        self,
        request: Request,
        rpps: str = "",
        code: str = "",
        strength: Strength | None = None,
        error: MissError | None = None,
    ) -> Response:
        shown = {"rpps": rpps, "code": code, "strength": strength, "enough_bits": ENOUGH_BITS}
        return await self.front.show(request, "activation.html", shown, error)

    async def _show_second(self, request: Request, after: str, error: MissError | None) -> Response:
        try:
            token = self.front.cookies.step_token(request)
            step = await self.front.sign_in.sessions.get_step(token, StepKind.SECOND_FACTOR)
        except StepExpired:
            return to(_with_after(SIGN_IN_PATH, after))
        factors = await self.front.factors.status(step.uid) if step.uid else None
        shown = {**self._shown(request, after), "factors": factors}
        return await self.front.show(request, "second_factor.html", shown, error)

    def _open(self, opened: Opened, after: str, visit: Visit) -> Response:
        response = self.front.cookies.open(to(after), opened.token)
        self.front.cookies.remember_workstation(response, is_shared=visit.is_shared)
        return response

    def _visit(self, request: Request, form: FormData) -> Visit:
        return visit_of(request, is_shared=field(form, "shared") == "1")

    def _shown(self, request: Request, after: str, login: str = "") -> dict[str, object]:
        is_shared = self.front.cookies.is_shared(request)
        return {
            "after": after,
            "login": login,
            "shared": is_shared,
            "passkeys_usable": self.front.passkeys.party.is_usable,
            "has_psc": self.front.has_psc,
            "password_changed": request.query_params.get("fait") == "mot-de-passe",
        }


def _with_after(path: str, after: str) -> str:
    return path if after == "/" else str(URL(path).include_query_params(suite=after))
