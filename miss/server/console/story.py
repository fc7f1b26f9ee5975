"""How the console tells an account's story: what each act is called, who did it."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from miss.base.ids import AccountId
from miss.base.text import Language, Text
from miss.directory.accounts import Accounts, Act
from miss.directory.audit import SYSTEM
from miss.directory.practitioners import Practitioners

UID_HEX_CHARS: Final = 32

ACT_NAMES: Final[Mapping[Act, Text]] = MappingProxyType(
    {
        Act.OPEN: Text(fr="Compte ouvert", en="Account opened"),
        Act.VERIFY: Text(fr="Identité vérifiée, ou compte rouvert", en="Identity verified, or account reopened"),
        Act.SUSPEND: Text(fr="Compte suspendu", en="Account suspended"),
        Act.REVOKE: Text(fr="Compte fermé", en="Account closed"),
        Act.CODE_ISSUED: Text(fr="Code d’activation émis", en="Activation code issued"),
        Act.CODE_WRONG: Text(fr="Code d’activation inexact", en="Wrong activation code"),
        Act.CODE_USED: Text(fr="Code d’activation utilisé", en="Activation code used"),
        Act.PASSWORD_CHOSEN: Text(fr="Mot de passe choisi", en="Password chosen"),
        Act.SIGNED_IN: Text(fr="Connexion", en="Signed in"),
        Act.SIGN_IN_REFUSED: Text(fr="Connexion refusée", en="Sign-in refused"),
        Act.SIGNED_OUT: Text(fr="Déconnexion", en="Signed out"),
        Act.UNLOCKED: Text(fr="Session déverrouillée", en="Session unlocked"),
        Act.CONFIRMED: Text(fr="Identité confirmée", en="Identity confirmed"),
        Act.SESSION_REVOKED: Text(fr="Session terminée à distance", en="Session ended from elsewhere"),
        Act.SECOND_FACTOR_ADDED: Text(fr="Second facteur ajouté", en="Second factor added"),
        Act.SECOND_FACTOR_REMOVED: Text(fr="Second facteur retiré", en="Second factor removed"),
        Act.RECOVERY_CODES_MADE: Text(fr="Codes de secours créés", en="Recovery codes made"),
        Act.RESET_ASKED: Text(fr="Nouveau mot de passe demandé", en="New password asked for"),
        Act.ROLE_GRANTED: Text(fr="Rôle attribué", en="Role granted"),
        Act.ROLE_TAKEN_BACK: Text(fr="Rôle retiré", en="Role taken back"),
        Act.DEVICE_LINKED: Text(fr="Appareil relié", en="Device linked"),
        Act.DEVICE_REVOKED: Text(fr="Appareil révoqué", en="Device revoked"),
        Act.DEVICE_RECOVERED: Text(fr="Appareil relié par la clé de récupération", en="Device linked by recovery key"),
        Act.USER_KEY_CHANGED: Text(fr="Clé de la personne changée", en="The person’s key changed"),
        Act.RECOVERY_MADE: Text(fr="Clé de récupération créée", en="Recovery key made"),
        Act.RECOVERY_CHANGED: Text(fr="Clé de récupération changée", en="Recovery key changed"),
        Act.RECOVERY_TESTED: Text(fr="Clé de récupération essayée", en="Recovery key tested"),
        Act.IDENTITY_RESET: Text(fr="Appareils réinitialisés", en="Devices started over"),
        Act.AGREEMENT_ACCEPTED: Text(fr="Charte ou conditions acceptées", en="Charter or conditions accepted"),
        Act.ATTESTATION_ISSUED: Text(fr="Attestation établie", en="Attestation issued"),
        Act.RETIREMENT_ASKED: Text(fr="Départ demandé", en="Retirement asked for"),
        Act.RETIREMENT_APPROVED: Text(fr="Départ approuvé par un technicien", en="Retirement approved by a technician"),
        Act.RETIREMENT_WITHDRAWN: Text(fr="Départ retiré", en="Retirement withdrawn"),
        Act.RETIREMENT_BEGUN: Text(fr="Redirection commencée", en="Redirection begun"),
    }
)
_STRANGER: Final = Text(fr="inconnu", en="a stranger")
_PLATFORM: Final = Text(fr="la plateforme", en="the platform")
_COMMAND: Final = Text(fr="ligne de commande ({name})", en="command line ({name})")


def act_name(act: Act) -> Text:
    """What people call it."""
    return ACT_NAMES.get(act) or Text(act.value, act.value)


async def name_actors(
    actors: Iterable[str], accounts: Accounts, practitioners: Practitioners, language: Language
) -> dict[str, tuple[str, str]]:
    """For each actor of a story a name, and the account (hex) to look at; empty: none."""
    wanted = set(actors)
    uids = {actor: AccountId(bytes.fromhex(actor)) for actor in wanted if is_uid(actor)}
    found = await accounts.get_many(set(uids.values())) if uids else {}
    people = await practitioners.get_many({account.practitioner_id for account in found.values()}) if found else {}
    named: dict[str, tuple[str, str]] = {}
    for actor in wanted:
        account = found.get(uids[actor]) if actor in uids else None
        person = people.get(account.practitioner_id) if account else None
        if person is not None:
            named[actor] = (person.display_name, actor)
        else:
            named[actor] = (_say(actor, language), actor if account else "")
    return named


def is_uid(text: str) -> bool:
    """True for an account's identifier in hexadecimal, as it stands in addresses of pages."""
    return len(text) == UID_HEX_CHARS and all(character in "0123456789abcdef" for character in text)


def _say(actor: str, language: Language) -> str:
    if not actor:
        return _STRANGER.in_(language)
    if actor == SYSTEM:
        return _PLATFORM.in_(language)
    if actor.startswith("cli:"):
        return _COMMAND.in_(language, name=actor.removeprefix("cli:"))
    return actor
