"""A statement, its signature and its PDF in one ZIP; with the mail itself for who proves a single one.  Pure."""

import io
import zipfile
from datetime import tzinfo
from hashlib import sha256
from typing import Final

from miss.mail.proofs.model import Statement
from miss.mail.proofs.sheet import compose_sheet
from miss.mail.proofs.signature import Seal

_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
_README: Final = """preuves.json    ce que la plateforme atteste ; c'est la pièce signée
signature.json  la signature (Ed25519) de preuves.json, et le certificat de la clé qui signe
preuves.pdf     la même chose, à lire
courriel.eml    le courriel tel qu'il est parti (s'il est joint) ; son empreinte est dans preuves.json

Vérifier : miss proof mail ARCHIVE.zip --root-fingerprint "xxxx xxxx ..."
L'empreinte de la racine est imprimée sur la lettre d'activation.
"""


def compose_archive(statement: Statement, seal: Seal, zone: tzinfo, mail: bytes | None = None) -> bytes:
    """The ZIP.  `zone`: in which the PDF says when; `mail`: joined as it left."""
    content = statement.to_json()
    files = {
        "LISEZMOI.txt": _README.encode(),
        "preuves.json": content,
        "signature.json": seal.sign(content, statement.made_at),
        "preuves.pdf": compose_sheet(statement, sha256(content).hexdigest(), zone),
    }
    if mail is not None:
        files["courriel.eml"] = mail
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), data, zipfile.ZIP_DEFLATED)
    return output.getvalue()
