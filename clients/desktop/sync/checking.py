"""`miss-desktop --check`: what this machine gives the client, said to whoever installs it, before anybody needs it."""

import tempfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from clients.desktop.policy import Policy, PolicyRefused
from clients.desktop.releases import installed_version, read_release_key
from clients.desktop.store.desk import Desk
from clients.desktop.store.errors import DeskError
from clients.desktop.store.lock import KEY_BYTES, LEAST_ALONE, LEAST_WITH_KEYRING, Keyring
from clients.desktop.sync.trust import authorities
from clients.desktop.words import _
from miss.base.random import RandomBytes

_PROBE: Final = "miss-check"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    said: str
    is_fine: bool = True


def examine(home: Path, policy: Policy, keyring: Keyring, random_bytes: RandomBytes) -> list[Finding]:
    """Version, folder, encrypted store, keyring, policy, authorities, update notice; nothing is left behind."""
    return [
        Finding(_("Version"), installed_version()),
        _store(home, random_bytes),
        _keyring(keyring, random_bytes),
        Finding(_("Réglages imposés"), ", ".join(_imposed(policy)) or _("aucun")),
        _authorities(policy),
        Finding(_("Avis de nouvelle version"), _("oui") if policy.update_notice and read_release_key() else _("non")),
    ]


def _store(home: Path, random_bytes: RandomBytes) -> Finding:
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as folder:
            desk = Desk(Path(folder) / "desk.db", random_bytes(KEY_BYTES))
            desk.put_setting("probe", "1")
            desk.close()
    except (OSError, DeskError) as error:
        return Finding(_("Dossier des comptes"), f"{home} : {error}", is_fine=False)
    return Finding(_("Dossier des comptes"), _("{home}, chiffré").format(home=home))


def _keyring(keyring: Keyring, random_bytes: RandomBytes) -> Finding:
    works = keyring.put(_PROBE, random_bytes(KEY_BYTES))
    if works:
        keyring.remove(_PROBE)
    text = _("oui : codes de {least} caractères au moins") if works else _("non : codes de {least} caractères au moins")
    return Finding(_("Trousseau"), text.format(least=LEAST_WITH_KEYRING if works else LEAST_ALONE))


def _imposed(policy: Policy) -> list[str]:
    plain = Policy()
    return [one.name for one in fields(Policy) if getattr(policy, one.name) != getattr(plain, one.name)]


def _authorities(policy: Policy) -> Finding:
    name = _("Autorités de certification")
    try:
        count = len(authorities(policy).get_ca_certs())
    except PolicyRefused as refused:
        return Finding(name, str(refused.params["where"]), is_fine=False)
    return Finding(name, f"{count} ({policy.authority_file or 'Mozilla'})", is_fine=count > 0)
