"""`miss proof`, the real command on real files: no server, no settings, no network."""

import asyncio
import base64
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from miss.client import root_fingerprint
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from miss.protocol.crypto.envelopes import Body, parse_header
from miss.protocol.crypto.proof import MessageProof, NamedCommit
from miss.server.commands.proof import CHECKS, app
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.chat_server import running as running_server
from tests.miss.client.devices import KEY, join, linked_store, texts
from tests.miss.client.files.test_photo import jpeg
from tests.miss.client.test_proofs import message_of
from tests.miss.protocol.deposits import BLOB, FILE, PHOTO, ROOT, TEAM, Deposit
from tests.miss.protocol.people import ALICE, BOB, CAROL, body

FINGERPRINT = root_fingerprint(ROOT)
DEPOSIT = Deposit(author=ALICE)
PROOF = DEPOSIT.proof()
CID = TEAM.commit.core.cid
OFFLINE = """
import socket, sys
def refuse(*_): sys.exit("the network was used")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
from miss.server.cli import main
main()
"""
ONLINE = "from miss.server.cli import main; main()"


def miss(folder: Path, *arguments: object, code: str = OFFLINE) -> subprocess.CompletedProcess[str]:
    """Run `miss` in an empty environment."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    environment = {"PYTHONPATH": ":".join(sys.path), "PYTHONUTF8": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def verify(tmp_path: Path, proof: MessageProof | bytes, *options: object) -> tuple[int, str]:
    """The same command in this process, which is faster."""
    file = tmp_path / "message.proof"
    file.write_bytes(proof if isinstance(proof, bytes) else proof.to_bytes())
    arguments = ["verify", str(file), "--root-fingerprint", FINGERPRINT, *map(str, options)]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    return result.exit_code, result.output


def signs(output: str) -> str:
    """The first letter of each check's line."""
    return "".join(line[0] for line in output.splitlines() if line[2:] in CHECKS.values())


def test_the_command_says_who_wrote_what_and_when(tmp_path: Path) -> None:
    (tmp_path / "message.proof").write_bytes(PROOF.to_bytes())
    done = miss(tmp_path, "proof", "verify", "message.proof", "--root-fingerprint", FINGERPRINT)
    assert (done.returncode, done.stderr) == (0, "")
    assert signs(done.stdout) == "✓✓✓✓✓✓"
    for said in (
        "Cette preuve tient.",
        "Camille Aubert, Médecin",
        "RPPS 99900000016",
        f"l’opérateur dont l’empreinte est {FINGERPRINT}",
        "Déposé le    21/09/2026 à 16:13:21, heure de Paris (UTC+0200) (horloge du serveur)",
        "Écrit le     21/09/2026 à 16:13:20",
        f"n° 7 de la conversation {CID.hex()}",
        "1. 21/09/2026 à 16:13:20, heure de Paris (UTC+0200) : premier appareil",
        "méthode : activation-code",
        "│ Je confirme le diagnostic.",
    ):
        assert said in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["message.proof"]


def test_a_tampered_file_fails_the_command(tmp_path: Path) -> None:
    data = bytearray(PROOF.to_bytes())
    data[-1] ^= 1
    (tmp_path / "message.proof").write_bytes(data)
    done = miss(tmp_path, "proof", "verify", "message.proof", "--root-fingerprint", FINGERPRINT)
    assert done.returncode == 1
    assert signs(done.stdout) == "✓✓✗–––"
    assert "\n    (receipt_forged)\n" in done.stdout
    assert "CETTE PREUVE NE TIENT PAS" in done.stdout
    assert "Aubert" not in done.stdout
    assert "diagnostic" not in done.stdout


def change(**fields: object) -> MessageProof:
    return msgspec.structs.replace(PROOF, **fields)


@pytest.mark.parametrize(
    ("proof", "seen", "code"),
    [
        (change(opcerts=(PROOF.opcerts[0][:-1] + b"x", PROOF.opcerts[1])), "✗–––––", "bad_opcert"),
        (change(links=(PROOF.links[0][:-1] + b"x",)), "✓✗––––", "link_not_countersigned"),
        (change(receipt=Deposit(author=ALICE, seed="b").receipt()), "✓✓✗–––", "proof_mismatch"),
        (change(commit=NamedCommit(PROOF.commit.core, bytes(32))), "✓✓✓✗––", "wrong_commit"),
        (change(links=(CAROL.links[0].to_bytes(),)), "✓✓✓✗––", "sender_not_member"),
        (change(links=(BOB.links[0].to_bytes(),)), "✓✓✓✗––", "unknown_sender"),
        (change(mk=bytes(32)), "✓✓✓✓✗–", "wrong_commit_key"),
        (b"rien qui ressemble", "✗–––––", "bad_proof"),
        (b"", "✗–––––", "bad_proof"),
    ],
)
def test_each_failure_is_shown_at_its_check(tmp_path: Path, proof: MessageProof | bytes, seen: str, code: str) -> None:
    exit_code, output = verify(tmp_path, proof)
    assert (exit_code, signs(output)) == (1, seen)
    assert f"({code})" in output
    assert "tient.\n" not in output


def test_another_operator_is_not_the_one_expected(tmp_path: Path) -> None:
    file = tmp_path / "message.proof"
    file.write_bytes(PROOF.to_bytes())
    for given, exit_code in (
        (FINGERPRINT.upper().replace(" ", ""), 0),
        (root_fingerprint(b"x" * 32), 1),
        (FINGERPRINT[:-1], 1),
        ("", 1),
    ):
        result = CliRunner().invoke(app, ["verify", str(file), "--root-fingerprint", given])
        assert result.exit_code == exit_code
        assert ("proof_root_mismatch" in result.output) == bool(exit_code)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["verify", str(tmp_path / "none"), "--root-fingerprint", FINGERPRINT])
    assert result.exit_code == 2


def test_nobodys_message_can_draw_on_the_terminal(tmp_path: Path) -> None:
    sly = "\x1b[2K\r✓ Tout va bien\u202e\nCette preuve tient."
    _, output = verify(tmp_path, Deposit(author=ALICE, content=body(sly)).proof())
    assert "\x1b" not in output
    assert "\u202e" not in output
    assert "  │ \\x1b[2K\\r✓ Tout va bien\\u202e\n  │ Cette preuve tient.\n" in output


def with_photo() -> MessageProof:
    return Deposit(author=ALICE, content=msgspec.structs.replace(body("voici"), att=(PHOTO,))).proof()


def test_an_attachment_is_compared_and_saved(tmp_path: Path) -> None:
    (tmp_path / "photo.1").write_bytes(BLOB)
    exit_code, output = verify(
        tmp_path, with_photo(), "--attachment", tmp_path / "photo.1", "--save", tmp_path / "photo.jpg"
    )
    assert exit_code == 0, output
    assert "✓ Le fichier est la pièce jointe n° 1" in output
    assert f"Pièce jointe n° 1 : sans nom, image/jpeg, {len(FILE)} octets" in output
    assert (tmp_path / "photo.jpg").read_bytes() == FILE


def test_another_attachment_fails(tmp_path: Path) -> None:
    (tmp_path / "photo.1").write_bytes(BLOB[:-1] + b"x")
    exit_code, output = verify(
        tmp_path, with_photo(), "--attachment", tmp_path / "photo.1", "--save", tmp_path / "photo.jpg"
    )
    assert exit_code == 1
    assert "✗ La pièce jointe n’est pas celle du message" in output
    assert "(proof_attachment_unknown)" in output
    assert not (tmp_path / "photo.jpg").exists()


def test_clocks_that_differ_are_told(tmp_path: Path) -> None:
    never = Body(mid=body().mid, ts=2**47 - 1, type="text", text="demain")
    exit_code, output = verify(tmp_path, Deposit(author=ALICE, content=never).proof())
    assert exit_code == 0
    assert "Écrit le     17/10/6429" in output
    assert "Les deux dates diffèrent" in output


# Export


def make_store(folder: Path) -> list[object]:
    """Bob's store with Alice's message, its evidence complete; the options that name it."""
    with linked_store(folder / "bob.db", BOB, ALICE) as store:
        join(store, TEAM)
        message = message_of(DEPOSIT, ALICE)
        store.messages.add(message, envelope_id=parse_header(DEPOSIT.env).id, env_hash=None)
        store.evidence.keep(CID, 7, DEPOSIT.env, DEPOSIT.receipt())
    make_key(folder / "bob.key")
    return ["--store", folder / "bob.db", "--key", folder / "bob.key", "--conversation", CID.hex()]


def make_key(path: Path) -> None:
    path.write_bytes(base64.b64encode(KEY))
    path.chmod(0o600)


def test_a_message_is_exported_and_verified_without_any_network(tmp_path: Path) -> None:
    options = make_store(tmp_path)
    done = miss(tmp_path, "proof", "export", *options, "--seq", 7, "--out", "message.proof")
    assert (done.returncode, done.stderr) == (0, "")
    assert f'miss proof verify message.proof --root-fingerprint "{FINGERPRINT}"' in done.stdout
    file = tmp_path / "message.proof"
    assert file.read_bytes() == PROOF.to_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert "diagnostic" not in done.stdout


@pytest.mark.parametrize(
    ("changes", "exit_code", "said"),
    [
        ({"--seq": 8}, 1, "(message_not_here)"),
        ({"--conversation": "ab" * 32}, 1, "(message_not_here)"),
        ({"--conversation": "rien"}, 2, "64 hexadecimal digits"),
        ({"--seq": 0}, 2, "--seq"),
        ({"--store": "none.db"}, 2, "--store"),
        ({"--key": "none.key"}, 2, "--key"),
        ({"--key": "other.key"}, 1, "(wrong_store_key)"),
    ],
)
def test_an_export_that_cannot_be(tmp_path: Path, changes: dict[str, object], exit_code: int, said: str) -> None:
    options = make_store(tmp_path)
    (tmp_path / "other.key").write_bytes(base64.b64encode(b"o" * 32))
    (tmp_path / "other.key").chmod(0o600)
    named = dict(zip(options[::2], options[1::2], strict=True)) | {"--seq": 7, "--out": "message.proof"} | changes
    done = miss(tmp_path, "proof", "export", *[word for option in named.items() for word in option])
    assert done.returncode == exit_code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bob.db", "bob.key", "other.key"]


async def test_the_receipt_of_a_received_message_is_fetched(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server:
        cid, seq = await received_photo(server)
        make_key(tmp_path / "paul.key")
        options = ["--store", server.store_path(PAUL_EXEMPLE), "--key", "paul.key", "--conversation", cid]
        export = ["proof", "export", *options, "--seq", seq, "--out", "photo.proof"]
        done = await asyncio.to_thread(miss, tmp_path, *export, "--attachments", code=ONLINE)
        assert done.returncode == 0, done.stderr
        fingerprint = server.signer.root_fingerprint
    # Once it was fetched it is here.
    again = await asyncio.to_thread(miss, tmp_path, *export)
    assert again.returncode == 0, again.stderr
    check = ["proof", "verify", "photo.proof", "--root-fingerprint", fingerprint, "--attachment", "photo.proof.1"]
    verified = await asyncio.to_thread(miss, tmp_path, *check, "--save", "photo.jpg")
    assert verified.returncode == 0, verified.stdout
    assert f"RPPS {ANNE_MODELE}" in verified.stdout
    assert (tmp_path / "photo.jpg").read_bytes()[:2] == b"\xff\xd8"


async def received_photo(server: ChatServer) -> tuple[str, int]:
    """Paul has received a photo from Anne."""
    _, paul_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as anne, server.online(PAUL_EXEMPLE) as paul:
        cid = await anne.create_conversation([paul_uid])
        seq = await anne.wait_sent(await anne.send_photo(cid, jpeg(), "voici"))
        await until_true(paul, lambda: texts(paul, cid) == ["voici"])
        return cid.hex(), seq
