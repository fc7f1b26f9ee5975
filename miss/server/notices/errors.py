"""What linking the platform's device, or sending by it, may meet."""

from miss.base.errors import Conflict, NotFound, Unavailable
from miss.base.text import Text


class DeviceLinkedAlready(Conflict):
    """The platform has its device."""

    code = "platform_device_linked"
    text = Text(
        fr="La plateforme a déjà son appareil, dans {folder}. S’il est perdu ou compromis, déplacez ce dossier, puis "
        "« miss platform link --reset ».",
        en="The platform has its device already, in {folder}. If it is lost or compromised, move that folder away, "
        "then “miss platform link --reset”.",
    )


class PlatformEntryMissing(NotFound):
    """Nobody in the directory has the number that is to stand for the platform."""

    code = "platform_entry_missing"
    text = Text(
        fr="L’annuaire ne contient personne sous le numéro RPPS {rpps} : une fiche doit répondre de la plateforme.",
        en="The directory has nobody with RPPS number {rpps}: somebody’s entry has to answer for the platform.",
    )


class NoticesLeft(Unavailable):
    """Some notices could not be sent now; the job comes back for them."""

    code = "platform_notices_left"
    text = Text(
        fr="{count} messages de la plateforme n’ont pas pu partir par MiSS ; ils seront repris. Les courriels partent.",
        en="{count} notices of the platform could not leave by MiSS; they are tried again. The mails do leave.",
    )
