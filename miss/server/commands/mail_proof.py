"""`miss proof mail`: the proofs of sending that somebody was handed, verified without a server.  protocol §2

It reads `preuves.json` and `signature.json` of the archive and nothing else of it: the PDF beside them is for reading.
"""

import json
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final

import typer

from miss.base.errors import MissError
from miss.base.text import Language
from miss.mail.proofs import verify_statement
from miss.mail.proofs.errors import ProofNotGenuine

MAX_FILE_BYTES: Final = 50_000_000


def verify_mail(
    archive: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The ZIP from « Mes preuves ».")],
    root_fingerprint: Annotated[
        str, typer.Option("--root-fingerprint", help="The operator's, as printed on activation letters.")
    ],
) -> None:
    """Say in French whether ARCHIVE is the platform's own statement; exit code 1 if it is not."""
    try:
        with zipfile.ZipFile(archive) as opened:
            statement, signature = (_read(opened, name) for name in ("preuves.json", "signature.json"))
            mail = _read(opened, "courriel.eml") if "courriel.eml" in opened.namelist() else None
        verify_statement(statement, signature, root_fingerprint)
        mails = json.loads(statement)["mails"]
        if mail is not None and sha256(mail).hexdigest() not in {one["sha256"] for one in mails}:
            raise ProofNotGenuine(reason="courriel.eml")
    except (MissError, zipfile.BadZipFile, KeyError, ValueError) as error:
        said = error.sentence(Language.FR) if isinstance(error, MissError) else type(error).__name__
        typer.echo(f"CETTE PREUVE NE TIENT PAS : n’en concluez rien. {said}")
        raise typer.Exit(1) from None
    typer.echo(f"Cette preuve tient : {len(mails)} courriel(s).")
    for one in mails:
        typer.echo(f"{one['message_id']} à {one['to']} : {one['stage']}, SHA-256 {one['sha256']}")


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > MAX_FILE_BYTES:
        raise ProofNotGenuine(reason=name)
    return archive.read(name)
