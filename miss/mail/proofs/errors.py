"""What this room refuses."""

from miss.base.errors import BadInput, NotFound
from miss.base.text import Text


class ProofUnknown(NotFound):
    """No mail of this person's, or its time has passed."""

    code = "mail_proof_unknown"
    text = Text(
        fr="Cette preuve n’existe pas, ou n’est plus à télécharger : une preuve l’est pendant 60 jours.",
        en="There is no such proof, or it can no longer be downloaded: a proof can be for 60 days.",
    )


class ProofNotGenuine(BadInput):
    """A statement whose signature or certificate does not hold: `reason`."""

    code = "mail_proof_not_genuine"
    text = Text(
        fr="Cette preuve n’est pas authentique ({reason}).",
        en="This proof is not genuine ({reason}).",
    )
