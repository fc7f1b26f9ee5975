"""What reading an archive refuses."""

from miss.base.errors import BadInput
from miss.base.text import Text


class ArchiveRefused(BadInput):
    """A zip that is not unpacked: `reason` is `not_zip`, `size`, `entries`, `ratio`, `path`, `link`, `encrypted`,
    `method`, `damaged` or `no_metadata`.
    """

    code = "xdm_archive_refused"
    text = Text(
        fr="L’archive IHE_XDM.ZIP est refusée : elle est abîmée, chiffrée, trop lourde ou sans métadonnées. "
        "Renvoyez-la telle que votre logiciel la produit, ou joignez le document à part.",
        en="The archive IHE_XDM.ZIP is refused: it is damaged, encrypted, too heavy or without metadata. Send it again "
        "as your software writes it, or attach the document apart.",
    )


class MetadataRefused(BadInput):
    """A METADATA.XML that is no ebRIM submission, or says nothing of any document: `field`."""

    code = "xdm_metadata_refused"
    text = Text(
        fr="Le fichier METADATA.XML de l’archive ne se lit pas : « {field} » manque. Renvoyez l’archive telle que "
        "votre logiciel la produit.",
        en="The file METADATA.XML of the archive cannot be read: “{field}” is missing. Send the archive again as your "
        "software writes it.",
    )
