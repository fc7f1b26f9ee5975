"""What leaving with everything, and taking such an archive in, refuse."""

from miss.base.errors import BadInput, Conflict
from miss.base.text import Text


class ArchiveKeyMalformed(BadInput):
    """No key of age."""

    code = "archive_key_malformed"
    text = Text(
        fr="Cette clé n’a pas la forme attendue : une clé publique age commence par « age1 » (commande age-keygen), "
        "une clé secrète par « AGE-SECRET-KEY-1 ».",
        en="This key is not well-formed: a public age key begins with “age1” (command age-keygen), a secret one with "
        "“AGE-SECRET-KEY-1”.",
    )


class ArchiveNotOpened(BadInput):
    """Another key, or a file that was altered or cut."""

    code = "archive_not_opened"
    text = Text(
        fr="L’archive ne s’ouvre pas avec cette clé, ou elle a été altérée ou coupée. Vérifiez la clé, puis copiez de "
        "nouveau le fichier depuis son origine.",
        en="The archive does not open with this key, or it was altered or cut. Check the key, then copy the file again "
        "from where it came.",
    )


class ArchiveFaulty(BadInput):
    """What is in the archive is not what its manifest says."""

    code = "archive_faulty"
    text = Text(
        fr="L’archive n’est pas entière : {path}. Rien n’a été repris. Demandez-la de nouveau à qui l’a faite.",
        en="The archive is not whole: {path}. Nothing was taken in. Ask for it anew where it was made.",
    )


class ArchiveOfOther(Conflict):
    """There is an establishment of that identifier already."""

    code = "archive_establishment_exists"
    text = Text(
        fr="L’établissement {identifier} a déjà une fiche ici. L’archive se reprend dans un déploiement qui ne le "
        "connaît pas ; --verify la vérifie sans rien reprendre.",
        en="The establishment {identifier} has a record here already. The archive is taken in by a deployment that "
        "does not know it; --verify checks it and takes nothing in.",
    )


class ArchiveNotAsked(Conflict):
    """No administrator has asked for it, and no key was given."""

    code = "archive_not_asked"
    text = Text(
        fr="L’administrateur de cet établissement n’attend pas d’export. Il le demande sur sa page « Départ », ou "
        "donnez sa clé publique avec --recipient.",
        en="The administrator of this establishment waits for no export. They ask on their page “Leaving”, or give "
        "their public key with --recipient.",
    )
