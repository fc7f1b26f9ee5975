"""What keeps a probe from running, and what its steps meet."""

from miss.base.errors import Conflict, NotFound, Unavailable
from miss.base.text import Text


class ProbeNotPrepared(NotFound):
    """There are no two devices to probe with."""

    code = "probe_not_prepared"
    text = Text(
        fr="La sonde n’a pas encore ses deux appareils (dossier {folder}). Le serveur étant démarré, lancez « miss "
        "probe prepare » avec les réglages du serveur.",
        en="The probe does not have its two devices yet (folder {folder}). With the server running, run “miss probe "
        "prepare” with the server’s settings.",
    )


class ProbePreparedAlready(Conflict):
    """The two devices are there."""

    code = "probe_prepared_already"
    text = Text(
        fr="La sonde a déjà ses deux appareils, dans {folder}. S’ils sont perdus ou ne servent plus (après une "
        "restauration), déplacez ce dossier, puis « miss probe prepare --reset ».",
        en="The probe has its two devices already, in {folder}. If they are lost or of no use any more (after a "
        "restore), move that folder away, then “miss probe prepare --reset”.",
    )


class DoorUnreachable(Unavailable):
    """No answer over HTTP."""

    code = "door_unreachable"
    text = Text(
        fr="Pas de réponse à {path} ({reason}).",
        en="No answer from {path} ({reason}).",
    )


class DoorRefused(Unavailable):
    """An answer over HTTP that says no."""

    code = "door_refused"
    text = Text(
        fr="{path} a répondu {status}.",
        en="{path} answered {status}.",
    )


class NotHealthy(Unavailable):
    """`/health` says that something is down."""

    code = "not_healthy"
    text = Text(
        fr="/health dit « {status} ».",
        en="/health says “{status}”.",
    )
