"""What the web client's room may refuse."""

from miss.base.errors import MissError
from miss.base.text import Text


class ClientNotBuilt(MissError):
    """A checkout whose web client was never built; a wheel always carries it."""

    code = "client_not_built"
    http_status = 503
    text = Text(
        fr="La messagerie n’est pas construite sur ce serveur. La personne qui l’exploite lance : python3 run.py web",
        en="The messages are not built on this server. Who runs it does so with: python3 run.py web",
    )


class ClientDamaged(MissError):
    """A file of the web client is not the one that was built: the server does not start with it."""

    code = "client_damaged"
    text = Text(
        fr="Le fichier {name} de la messagerie manque ou n’est pas celui qui a été construit. Réinstallez MiSS, ou "
        "lancez : python3 run.py web",
        en="The file {name} of the web client is missing or not the one that was built. Install MiSS again, or run: "
        "python3 run.py web",
    )
