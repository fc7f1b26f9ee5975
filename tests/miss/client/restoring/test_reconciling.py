"""After a restore to an older point: what both have goes on, what was lost comes again once or is shown as lost."""

from pathlib import Path

import httpx
import pytest

from miss.base.errors import MissError
from miss.base.ids import ConversationId
from miss.client.errors import RemovedMemberBack, RollbackNotCovered
from miss.client.events import Announcer
from miss.client.incidents import Incidents
from miss.client.model import SERVER_RESTORED, Role
from miss.client.restoring import reconciling
from miss.client.restoring.notices import RestorationNotices
from miss.client.restoring.reconciling import Reconciling
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from miss.protocol.wire.frames import Ready
from tests.miss.client.account.test_history import say
from tests.miss.client.bench import Bench, bench
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import linked_store
from tests.miss.client.doubles import Answer
from tests.miss.client.restoring.restoring import (
    Backup,
    declare,
    is_revoked,
    lost,
    pair_tablet,
    shows,
    statements,
    texts,
)
from tests.miss.protocol.people import ALICE, BOB


async def test_own_messages_come_again_once_and_everybody_agrees(server: ChatServer) -> None:
    _, paul_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as anne, server.online(PAUL_EXEMPLE) as paul:
        cid = await anne.create_conversation([paul_uid])
        await say(anne, cid, "avant")
        await shows(paul, cid, "avant")
        backup = Backup(server)
        await say(anne, cid, "perdu d'Anne")
        await shows(paul, cid, "perdu d'Anne")
        await say(paul, cid, "perdu de Paul")
        await shows(anne, cid, "perdu de Paul")
    async with backup.restored(), server.online(PAUL_EXEMPLE) as paul:
        # Anne's message is shown as lost for as long as she is away.
        await until_true(paul, lambda: lost(paul, cid) == ["perdu d'Anne"])
        assert paul.restorations()[0].lost == 1
        assert [one.code for one in paul.incidents()] == [SERVER_RESTORED]
        async with server.online(ANNE_MODELE) as anne:
            await shows(paul, cid, "perdu d'Anne")
            await shows(anne, cid, "perdu de Paul", "perdu d'Anne")
            await say(anne, cid, "après")
            await shows(paul, cid, "après")
            assert texts(anne, cid) == texts(paul, cid)
            assert sorted(texts(anne, cid)) == sorted(["avant", "perdu d'Anne", "perdu de Paul", "après"])
            assert not lost(anne, cid) + lost(paul, cid)
            assert not anne.split_views(cid) + paul.split_views(cid)
            for client in (anne, paul):
                assert client._store.messages.last_log(cid) is not None
            assert anne._store.messages.last_log(cid) == paul._store.messages.last_log(cid)
            for message in anne.messages(cid):
                await anne.export_proof(cid, message.seq)


async def test_without_the_operators_word_a_server_that_goes_back_is_caught(server: ChatServer) -> None:
    _, paul_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as anne:
        cid = await anne.create_conversation([paul_uid])
        await say(anne, cid, "avant")
        backup = Backup(server)
        await say(anne, cid, "perdu")
    async with backup.restored(declared=False), server.online(ANNE_MODELE) as anne:
        await until_true(anne, lambda: anne.split_views(cid))
        assert texts(anne, cid) == ["avant", "perdu"]
        assert not anne.lost_messages(cid)
        # Declared while she is connected: she is told at once, and what she was alarmed by is explained.
        await declare(server, backup.moment)
        await until_true(anne, lambda: anne.restorations() and not anne.split_views(cid))
        await until_true(anne, lambda: not lost(anne, cid))
        assert texts(anne, cid) == ["avant", "perdu"]
    async with server.online(PAUL_EXEMPLE) as paul:
        assert texts(paul, cid) == ["avant", "perdu"]


async def test_a_conversation_begun_since_is_given_back_by_who_began_it(server: ChatServer) -> None:
    _, paul_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    backup = Backup(server)
    async with server.online(ANNE_MODELE) as anne, server.online(PAUL_EXEMPLE) as paul:
        cid = await anne.create_conversation([paul_uid], name="Chambre 12")
        await say(anne, cid, "bonjour")
        await shows(paul, cid, "bonjour")
        await say(paul, cid, "présent")
        await shows(anne, cid, "présent")
    async with backup.restored(), server.online(PAUL_EXEMPLE) as paul:
        assert texts(paul, cid)[-2:] == ["bonjour", "présent"], "kept as long as nobody gives it back"
        async with server.online(ANNE_MODELE) as anne:
            await shows(anne, cid, "bonjour", "présent")
            await shows(paul, cid, "bonjour", "présent")
            await until_true(paul, lambda: not lost(paul, cid))
            await until_true(anne, lambda: texts(anne, cid) == texts(paul, cid))
            assert paul.conversation(cid).name == "Chambre 12"


async def test_who_was_taken_out_since_is_out_again_before_anything_is_said(server: ChatServer) -> None:
    _, paul_uid, claire_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(ANNE_MODELE) as anne, server.online(PAUL_EXEMPLE) as paul:
        cid = await anne.create_conversation([paul_uid, claire_uid])
        await say(anne, cid, "à trois")
        async with server.online(CLAIRE_TEMOIN) as claire:
            await shows(claire, cid, "à trois")
        backup = Backup(server)
        await anne.remove_member(cid, claire_uid)
        await say(anne, cid, "à deux")
        await shows(paul, cid, "à deux")
    async with backup.restored(), server.online(PAUL_EXEMPLE) as paul:
        # Paul cannot take her out: what he writes waits rather than reach her.
        with pytest.raises(RemovedMemberBack):
            paul.send_text(cid, "entre nous")
        async with server.online(CLAIRE_TEMOIN) as claire, server.online(ANNE_MODELE) as anne:
            await until_true(paul, lambda: len(paul.conversation(cid).members) == 2)
            await say(paul, cid, "entre nous")
            await shows(anne, cid, "entre nous", "à deux")
            await until_true(claire, lambda: not claire.conversation(cid).is_member)
            assert texts(claire, cid) == ["à trois"]


async def test_an_admin_makes_a_change_again_whose_author_does_not_come_back(server: ChatServer) -> None:
    _, paul_uid, claire_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(ANNE_MODELE) as anne, server.online(PAUL_EXEMPLE) as paul:
        cid = await anne.create_conversation([paul_uid, claire_uid])
        await anne.set_role(cid, paul_uid, Role.ADMIN)
        await say(anne, cid, "à trois")
        await shows(paul, cid, "à trois")
        backup = Backup(server)
        await anne.remove_member(cid, claire_uid)
        await say(anne, cid, "à deux")
        await shows(paul, cid, "à deux")
    async with backup.restored():
        async with server.online(PAUL_EXEMPLE) as paul:
            assert len(paul.conversation(cid).members) == 2
            await say(paul, cid, "entre nous")
        async with server.online(ANNE_MODELE) as anne:
            await shows(anne, cid, "entre nous", "à deux")
            assert len(anne.conversation(cid).members) == 2


async def test_a_revocation_is_put_back_by_whoever_has_seen_it(server: ChatServer) -> None:
    _, paul_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as anne:
        cid = await anne.create_conversation([paul_uid])
        async with server.online(PAUL_EXEMPLE) as paul:
            tablet = await pair_tablet(server, paul)
            await say(paul, cid, "avant")
            await shows(anne, cid, "avant")
            backup = Backup(server)
            await paul.devices.revoke(tablet)
            await say(paul, cid, "sans la tablette")
            await shows(anne, cid, "sans la tablette")
    async with backup.restored():
        # Anne alone comes back; Paul's stolen tablet is shut out all the same.
        async with server.online(ANNE_MODELE):
            assert await is_revoked(server, paul_uid, tablet)
        async with server.online(PAUL_EXEMPLE) as paul:
            # What came with that change of key is lost: it is changed once more.
            await until_true(paul, lambda: paul._store.device.last_user_key().generation == 3)
            await say(paul, cid, "après")


async def test_a_program_that_ended_before_it_gave_links_back_does_so_when_it_starts_again(server: ChatServer) -> None:
    _, paul_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as anne, server.online(PAUL_EXEMPLE) as paul:
        cid = await anne.create_conversation([paul_uid])
        tablet = await pair_tablet(server, paul)
        backup = Backup(server)
        await paul.devices.revoke(tablet)
        await say(paul, cid, "sans la tablette")
        await shows(anne, cid, "sans la tablette")
    async with backup.restored():
        with server.store(ANNE_MODELE) as store:
            pinned = await statements(server)
            store.restorations.accept(pinned, pinned[0].restored_to_ms)
        async with server.online(ANNE_MODELE):
            assert await is_revoked(server, paul_uid, tablet)


async def test_a_device_linked_since_is_let_in_again(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    practitioner = await server.activate(PAUL_EXEMPLE)
    backup = Backup(server)
    with server.store(PAUL_EXEMPLE) as store:
        paul_uid = await server.link(store, PAUL_EXEMPLE, practitioner)
    async with backup.restored(), server.online(PAUL_EXEMPLE), server.online(ANNE_MODELE) as anne:
        cid = await anne.create_conversation([paul_uid])
        await say(anne, cid, "bonjour")


async def test_a_deletion_is_said_again(server: ChatServer) -> None:
    _, paul_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as anne:
        cid = await anne.create_conversation([paul_uid])
        await say(anne, cid, "à effacer")
        seq = anne.messages(cid)[-1].seq
        backup = Backup(server)
        await anne.wait_sent(anne.delete(cid, seq))
        await until_true(anne, lambda: not anne._store.statements.list_())
    async with backup.restored():
        async with server.online(ANNE_MODELE) as anne:
            await until_true(anne, lambda: not anne._store.statements.list_() and not anne.outgoing(cid))
            assert "à effacer" not in texts(anne, cid)
        async with server.online(PAUL_EXEMPLE) as paul:
            assert "à effacer" not in texts(paul, cid)


async def test_more_than_the_operator_says_is_not_believed(server: ChatServer) -> None:
    _, paul_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as anne:
        cid = await anne.create_conversation([paul_uid])
        await say(anne, cid, "avant")
        backup = Backup(server)
        await say(anne, cid, "perdu")
        # As if the server had taken it ten minutes before the time that it was restored to.
        anne._store._file.execute("UPDATE message SET at_ms = at_ms - 600000")
    async with backup.restored(), server.online(ANNE_MODELE) as anne:
        await until_true(anne, lambda: anne.split_views(cid))
        assert RollbackNotCovered.code in {one.code for one in anne.incidents()}
        assert texts(anne, cid) == ["avant", "perdu"]
        assert not anne.lost_messages(cid)


REFUSABLE = ("/api/chat/restored-links", "/api/chat/conversations")


@pytest.mark.parametrize("path", REFUSABLE)
async def test_what_is_refused_for_the_moment_is_asked_again(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "RETRY_S", 0.0)
    with linked_store(tmp_path / "bob.db", BOB, ALICE) as store:
        house, refusals = bench(store, BOB), ["rate", "too_many_requests", "internal", "database_unreachable"]
        cid = ConversationId(b"c" * 32)
        store.conversations.add(cid, 0)
        store.restorations.accept([], 0)
        answers: dict[str, Answer] = {
            REFUSABLE[0]: (200, {"added": 0}),
            REFUSABLE[1]: (200, {"conversations": [(cid, 0, 0, 1)]}),
        }

        def refuse_first(_: httpx.Request) -> Answer:
            return (503, {"code": refusals.pop(), "text": "", "params": {}}) if refusals else answers[path]

        house.server.answers = {**answers, path: refuse_first}
        noted: list[MissError] = []
        one = _reconciling(store, house)
        ready = Ready(resumed=False, server_ts=0, link_head=b"h" * 32, http_token="t")

        heads = await one.prepare(ready, lambda _, error: noted.append(error))

        assert [head.cid for head in heads] == [cid]
        assert (refusals, noted) == ([], [])


@pytest.mark.parametrize(
    ("code", "again"),
    [("rate", True), ("too_many_requests", True), ("database_unreachable", True), ("account_not_active", False)],
)
async def test_a_device_that_is_not_known_any_more_tries_again_after_a_refusal_for_the_moment(
    code: str, again: bool, tmp_path: Path
) -> None:
    with linked_store(tmp_path / "bob.db", BOB, ALICE) as store:
        house = bench(store, BOB)
        one = _reconciling(store, house)
        house.server.answers = {"/api/chat/restorations": (503, {"code": code, "text": "", "params": {}})}
        assert await one.rescue() is again
        house.server.answers = {"/api/chat/restorations": (200, {"restorations": []})}
        assert not await one.rescue(), "no restore explains it"


def _reconciling(store: Store, house: Bench) -> Reconciling:
    device, api, time = store.device.get(), house.server.api(BOB), ServerTime(house.clock)
    announcer = Announcer()
    notices = RestorationNotices(store, device.root, api, time, announcer)
    incidents = Incidents(store, house.identities, time, announcer)
    return Reconciling(store, device, api, house.epochs, time, announcer, notices, incidents, lambda: True)
