"""`miss proof`: a message, proved to others: who wrote what, when it was deposited.  protocol §6

`verify` needs a file and the operator's fingerprint, nothing else: no server, no settings, no network.  `export`
reads the store of a client that is not running and asks the server only for what the store does not hold.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from miss.base.clock import SystemClock, from_ms
from miss.base.ids import ConversationId
from miss.base.random import system_random
from miss.base.text import Language
from miss.client import Store, export_proof, key_from_file, root_fingerprint
from miss.protocol.crypto.links import LinkCore
from miss.protocol.crypto.proof import (
    MAX_PROOF_BYTES,
    Check,
    Proven,
    open_attachment,
    parse_proof,
    verify_proof,
)
from miss.protocol.errors import ProofError, ProofRootMismatch, ProtocolError
from miss.protocol.limits import MAX_BLOB_BYTES
from miss.server.commands.mail_proof import verify_mail
from miss.server.commands.session import run

app = typer.Typer(help="Prove who wrote a message and when it was deposited.", no_args_is_help=True)
app.command("mail")(verify_mail)

PARIS: Final = ZoneInfo("Europe/Paris")
CLOCKS_DIFFER: Final = timedelta(minutes=10)
CHECKS: Final[Mapping[Check, str]] = {
    Check.CERTIFICATES: "Les certificats sont ceux de l’opérateur attendu",
    Check.LINKS: "L’identité de l’auteur est attestée, chaque appareil relié avec son accord",
    Check.RECEIPT: "Le serveur a signé l’accusé de dépôt de cette enveloppe, à cette place",
    Check.MEMBER: "L’auteur était membre de la conversation, avec cet appareil",
    Check.KEY: "La clé est celle de cette enveloppe, qui s’ouvre",
    Check.SIGNATURE: "L’appareil de l’auteur a signé ce contenu",
}
OPERATIONS: Final[Mapping[str, str]] = {
    "genesis": "premier appareil",
    "add": "appareil ajouté",
    "revoke": "appareil révoqué",
    "uek": "clé renouvelée",
    "recover": "appareil relié par la clé de secours",
    "reset": "tout remis à zéro par l’opérateur seul",
}


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What `export` wrote.")],
    root_fingerprint_: Annotated[
        str, typer.Option("--root-fingerprint", help="The operator's, as printed on activation letters.")
    ],
    attachment: Annotated[
        Path | None,
        typer.Option(help="An encrypted attachment, as `export --attachments` saves it.", exists=True, dir_okay=False),
    ] = None,
    save: Annotated[Path | None, typer.Option(help="Where to write the attachment, decrypted.")] = None,
) -> None:
    """Say in French what FILE proves, check by check; exit code 1 if it does not hold."""
    passed: list[Check] = []
    try:
        proof = parse_proof(_read(file, MAX_PROOF_BYTES))
        if _bare(root_fingerprint(proof.root)) != _bare(root_fingerprint_):
            raise ProofRootMismatch()
        proven = verify_proof(proof, proof.root, passed.append)
    except ProtocolError as error:
        _print_checks(passed, error)
        typer.echo("\nCETTE PREUVE NE TIENT PAS : n’en concluez rien.")
        raise typer.Exit(1) from None
    _print_checks(passed, None)
    if attachment is not None:
        _check_attachment(proven, attachment, save)
    typer.echo("\nCette preuve tient.\n")
    _print_proven(proven, root_fingerprint(proof.root))


def _read(path: Path, max_bytes: int) -> bytes:
    """The file; of one that is too long, enough to be refused."""
    with path.open("rb") as file:
        return file.read(max_bytes + 1)


def _bare(fingerprint: str) -> str:
    return "".join(fingerprint.split()).lower()


def _print_checks(passed: list[Check], error: ProtocolError | None) -> None:
    """✓ for what holds, ✗ for what does not, – for what was not looked at after that."""
    for place, check in enumerate(CHECKS):
        failed = error is not None and place == len(passed)
        sign = "✓" if place < len(passed) else "✗" if failed else "–"
        typer.echo(f"{sign} {CHECKS[check]}")
        if failed and error is not None:
            # Other sentences speak to somebody who is about to write or to read; here the name says enough.
            said = f"{error.sentence(Language.FR)} " if isinstance(error, ProofError) else ""
            typer.echo(f"    {said}({error.code})")


def _check_attachment(proven: Proven, path: Path, save: Path | None) -> None:
    try:
        place, content = open_attachment(proven, _read(path, MAX_BLOB_BYTES))
    except ProtocolError as error:
        typer.echo(f"✗ La pièce jointe n’est pas celle du message\n    {error.sentence(Language.FR)} ({error.code})")
        raise typer.Exit(1) from None
    typer.echo(f"✓ Le fichier est la pièce jointe n° {place + 1} du message, à l’octet près")
    if save is not None:
        save.write_bytes(content)


def _print_proven(proven: Proven, fingerprint: str) -> None:
    who, body = proven.who, proven.body
    typer.echo(f"Auteur       {_plain(f'{who.given} {who.family}, {who.profession}')}")
    typer.echo(f"             RPPS {who.rpps or '(aucun)'}")
    typer.echo(f"Attesté par  l’opérateur dont l’empreinte est {fingerprint}")
    typer.echo(f"Déposé le    {_date(proven.deposited_at_ms)} (horloge du serveur)")
    typer.echo(f"Écrit le     {_date(proven.written_at_ms)} (horloge de l’auteur)")
    if abs(proven.deposited_at_ms - proven.written_at_ms) > CLOCKS_DIFFER / timedelta(milliseconds=1):
        typer.echo("             Les deux dates diffèrent : écrit hors connexion, ou horloge déréglée.")
    typer.echo(f"Place        n° {proven.seq} de la conversation {proven.cid.hex()}")
    typer.echo(f"Appareil     {proven.did.hex()}")
    typer.echo("\nChaîne d’identité")
    for link in proven.links:
        typer.echo(f"  {link.seq}. {_date(link.ts)} : {_describe(link)}")
    typer.echo(f"\nContenu (type « {body.type} »)")
    for line in _plain(body.text).split("\n"):
        typer.echo(f"  │ {line}")
    for place, attachment in enumerate(body.att, 1):
        name = _plain(attachment.name) or "sans nom"
        typer.echo(f"  Pièce jointe n° {place} : {name}, {attachment.mime}, {attachment.size} octets")


def _describe(link: LinkCore) -> str:
    who = f", {_plain(f'{link.who.given} {link.who.family}')}" if link.who is not None else ""
    return f"{OPERATIONS[link.op.value]} {link.did.hex()}{who} (méthode : {link.proof.method})"


def _plain(text: str) -> str:
    """`text` with what a terminal would obey or hide written out: nobody's message can draw a ✓."""
    return "".join(
        char if char.isprintable() or char == "\n" else char.encode("unicode_escape").decode() for char in text
    )


def _date(ms: int) -> str:
    local = from_ms(ms).astimezone(PARIS)
    return f"{local:%d/%m/%Y à %H:%M:%S}, heure de Paris (UTC{local:%z})"


@app.command()
def export(
    store: Annotated[
        Path, typer.Option(help="The client's store; no client may be running on it.", exists=True, dir_okay=False)
    ],
    key: Annotated[Path, typer.Option(help="The store's key file.", exists=True, dir_okay=False)],
    conversation: Annotated[str, typer.Option(help="Its identifier, 64 hexadecimal digits.")],
    seq: Annotated[int, typer.Option(min=1, help="The message's place in the conversation.")],
    out: Annotated[Path, typer.Option(help="The file to write; it lets its reader read the message.")],
    attachments: Annotated[
        bool, typer.Option("--attachments", help="Also save the encrypted attachments, as OUT.1, OUT.2…")
    ] = False,
) -> None:
    """Write the proof of one message to a file, offline if the store holds all it takes."""
    if not re.fullmatch(r"[0-9a-fA-F]{64}", conversation):
        raise typer.BadParameter("64 hexadecimal digits", param_hint="--conversation")
    cid = ConversationId(bytes.fromhex(conversation))
    with Store(store, key_from_file(key, system_random), system_random) as opened:
        work = export_proof(opened, cid, seq, clock=SystemClock(), random_bytes=system_random, attachments=attachments)
        proof, blobs = run(work)
        root = opened.device.get().root
    for path, content in ((out, proof), *((Path(f"{out}.{n}"), blob) for n, blob in enumerate(blobs, 1))):
        _write(path, content)
        typer.echo(f"{path} ({len(content)} octets)")
    typer.echo(f'À vérifier avec : miss proof verify {out} --root-fingerprint "{root_fingerprint(root)}"')
    typer.echo("Qui détient ce fichier peut lire ce message : remettez-le comme vous remettriez le message.")


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
