"""Devices of the web client's engine in a real browser: ways in and out, with Python devices of the same person."""

import asyncio

import pytest
from playwright.async_api import Route

from miss.base.ids import AccountId
from miss.directory.accounts import ActivationPurpose
from miss.directory.sample.people import CLAIRE_TEMOIN, PAUL_EXEMPLE
from tests.clients.web.tabs import Refused, packed
from tests.clients.web.ward import Ward, cid_of
from tests.miss.client.chat_server import until_true
from tests.miss.client.devices import texts
from tests.miss.client.second_devices import answer, recover, reset, ticket

pytestmark = pytest.mark.browser


async def test_devices_are_paired_both_ways_and_revoked(ward: Ward) -> None:
    """A browser lets a Python device in; that one lets a second browser in; each reads the past; revoked ones wipe."""
    (paul_uid,) = await ward.server.link_everybody(PAUL_EXEMPLE)
    first = await ward.link(CLAIRE_TEMOIN)
    async with ward.server.online(PAUL_EXEMPLE) as paul:
        cid = await first.call("createConversation", [paul_uid.hex()], "")
        await first.call("sendText", cid, "avant")
        await until_true(paul, lambda: texts(paul, cid_of(cid)) == ["avant"])

        invitation = await first.call("invite")
        answered = asyncio.create_task(answer(ward.server, "Portable", ward.server.url, invitation["code"]))
        assert (await first.call("inviteOffer"))["deviceName"] == "Portable"
        await first.call("inviteAccept")
        await answered
        await first.wait_for("devicesChanged")
        async with ward.server.online("Portable") as portable:
            await until_true(portable, lambda: texts(portable, cid_of(cid)) == ["avant"])
            shown = await portable.devices.invite()
            second = await (await ward.machine()).open("second")
            enrolling = asyncio.create_task(second.enrol("pair", shown.uri, "Tablette"))
            assert (await shown.offer()).name == "Tablette"
            await shown.accept()
            await enrolling
            await second.until_texts(cid, "avant")
            portable.send_text(cid_of(cid), "du portable")
            for tab in (first, second):
                await tab.until_texts(cid, "avant", "du portable")

            # Revoked while it is open: it wipes itself, and opens nothing sent from now on
            devices = await first.call("devices")
            assert {device["name"] for device in devices} == {"claire", "Portable", "Tablette"}
            with pytest.raises(Refused, match="link_not_allowed"):
                await first.call("revokeDevice", next(device["did"] for device in devices if device["isCurrent"]))
            did = next(device["did"] for device in devices if device["name"] == "Tablette")
            await first.call("revokeDevice", did)
            assert (await second.wait_for("revoked"))["wiped"] is True
            assert await second.call("conversations") == []
            await first.call("sendText", cid, "sans la tablette")
            await until_true(portable, lambda: texts(portable, cid_of(cid))[-1:] == ["sans la tablette"])
            await until_true(paul, lambda: texts(paul, cid_of(cid))[-1:] == ["sans la tablette"])

            # The last word is the Python device's: the first browser goes too
            own = next(device for device in await portable.devices.list_() if device.name == "claire")
            await portable.devices.revoke(own.did)
            assert (await first.wait_for("revoked"))["wiped"] is True
    assert first.complaints == []


async def test_the_recovery_key_brings_everything_back(ward: Ward) -> None:
    """Made in the browser, typed back, tested; used by Python and by another browser; replaced."""
    (paul_uid,) = await ward.server.link_everybody(PAUL_EXEMPLE)
    claire = await ward.link(CLAIRE_TEMOIN)
    cid = await claire.call("createConversation", [paul_uid.hex()], "Reprise")
    await claire.call("sendText", cid, "à retrouver")
    await claire.wait_for("sent")
    assert (await claire.call("recovery"))["hasKey"] is False
    code = await claire.call("prepareRecovery", False, "code")
    with pytest.raises(Refused, match="recovery_secret_mistyped"):
        await claire.call("confirmRecovery", "0" * 26)
    await claire.call("confirmRecovery", code.lower())
    state = await claire.call("recovery")
    assert (state["hasKey"], state["methods"]) == (True, ["code"])
    assert state["testedAtMs"] > 0
    with pytest.raises(Refused, match="recovery_key_exists"):
        await claire.call("prepareRecovery", False, "code")

    await recover(ward.server, CLAIRE_TEMOIN, "Retrouvé", code=code)
    async with ward.server.online("Retrouvé") as found:
        await until_true(found, lambda: texts(found, cid_of(cid)) == ["à retrouver"])

    other = await (await ward.machine()).open("autre")
    given = await ticket(ward.server, CLAIRE_TEMOIN, ActivationPurpose.RECOVERY)
    fingerprint = ward.server.signer.root_fingerprint
    with pytest.raises(Refused, match="wrong_recovery_secret"):
        await other.enrol("recover", CLAIRE_TEMOIN, given, "0" * 26, fingerprint, "Autre poste")
    await other.enrol("recover", CLAIRE_TEMOIN, given, code, fingerprint, "Autre poste")
    await other.until_texts(cid, "à retrouver")

    # Words as well, drawn by the browser: Python opens with them, and the code still holds
    with pytest.raises(Refused, match="wrong_recovery_secret"):
        await other.call("prepareRecoveryMethod", "0" * 26, "passphrase")
    words = await other.call("prepareRecoveryMethod", code, "passphrase")
    assert (await other.call("recovery"))["methods"] == ["code"], "nothing before they are typed back"
    await other.call("confirmRecovery", words.upper())
    assert (await other.call("recovery"))["methods"] == ["code", "passphrase"]
    await recover(ward.server, CLAIRE_TEMOIN, "Par les mots", passphrase=words)
    assert await other.call("testRecovery", code) > 0

    # Replaced: the user key changes, the old code opens nothing, the new one does
    again = await other.call("prepareRecovery", True, "code")
    await other.call("confirmRecovery", again)
    with pytest.raises(Refused, match="wrong_recovery_secret"):
        await other.call("testRecovery", code)
    assert await other.call("testRecovery", again) > 0
    await claire.call("sendText", cid, "après le changement")
    await other.until_texts(cid, "à retrouver", "après le changement")

    # What was said before the change is in the vault now
    third = await (await ward.machine()).open("troisième")
    given = await ticket(ward.server, CLAIRE_TEMOIN, ActivationPurpose.RECOVERY)
    await third.enrol("recover", CLAIRE_TEMOIN, given, again, fingerprint, "Troisième poste")
    await third.until_texts(cid, "à retrouver", "après le changement")
    assert claire.complaints == other.complaints == third.complaints == []


async def test_a_fresh_start_warns_everybody(ward: Ward) -> None:
    """The operator's reset on a browser: its contacts hold back until they accept the new keys."""
    (paul_uid,) = await ward.server.link_everybody(PAUL_EXEMPLE)
    claire = await ward.link(CLAIRE_TEMOIN)
    async with ward.server.online(PAUL_EXEMPLE) as paul:
        cid = await claire.call("createConversation", [paul_uid.hex()], "")
        await claire.call("sendText", cid, "avant")
        await until_true(paul, lambda: texts(paul, cid_of(cid)) == ["avant"])
        fresh = await (await ward.machine()).open("neuf")
        code = await ticket(ward.server, CLAIRE_TEMOIN, ActivationPurpose.RESET)
        uid = await fresh.enrol("reset", CLAIRE_TEMOIN, code, ward.server.signer.root_fingerprint, "Neuf")
        await fresh.wait_for("synced")
        revoked = await claire.wait_for("revoked")
        assert (revoked["wiped"], revoked["reason"]) == (False, "reset")
        with pytest.raises(Refused, match="device_locked"):
            await claire.call("conversations")
        await until_true(paul, lambda: paul.contacts.is_blocked(AccountId(bytes.fromhex(uid))))
        paul.contacts.accept(AccountId(bytes.fromhex(uid)))
        paul.send_text(cid_of(cid), "après")
        await fresh.until_texts(cid, "box_missing", "après")  # what was said before is lost, and says so
        words = await fresh.call("safetyWords", paul_uid.hex())
        assert tuple(words) == paul.contacts.safety_words(AccountId(bytes.fromhex(uid)))
        scanned = packed(paul.contacts.qr(AccountId(bytes.fromhex(uid))))
        assert await fresh.call("compareSafety", paul_uid.hex(), scanned) == "match"
        assert await fresh.call("isVerified", paul_uid.hex()) is True


async def test_a_lost_answer_does_not_cost_the_letter(ward: Ward) -> None:
    """The server links the device and its answer is lost: the same call links the same device."""
    await ward.server.link_everybody(PAUL_EXEMPLE)
    machine = await ward.machine()
    tab = await machine.open("claire")
    code = await ward.server.activate(CLAIRE_TEMOIN)
    fingerprint = ward.server.signer.root_fingerprint
    wrong = fingerprint.translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))
    with pytest.raises(Refused, match="root_mismatch"):
        await tab.enrol("link", CLAIRE_TEMOIN, code, wrong, "Poste")
    with pytest.raises(Refused, match="wrong_activation_code"):
        await tab.enrol("link", CLAIRE_TEMOIN, "0" * len(code), fingerprint, "Poste")

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await tab.page.route("**/api/chat/devices", lose)
    with pytest.raises(Refused, match="server_unreachable"):
        await tab.enrol("link", CLAIRE_TEMOIN, code, fingerprint, "Poste")
    await tab.page.close()
    again = await machine.open("claire")
    await again.enrol("link", CLAIRE_TEMOIN, code, fingerprint, "Poste")
    await again.wait_for("synced")
    assert len(await again.call("devices")) == 1
    with pytest.raises(Refused, match="store_has_device"):
        await again.enrol("link", CLAIRE_TEMOIN, code, fingerprint, "Poste")


async def test_nothing_leaves_for_somebody_started_over_until_that_is_accepted(ward: Ward) -> None:
    """A contact's devices are started over: the browser warns, holds back, and goes on when its owner says so."""
    (paul_uid,) = await ward.server.link_everybody(PAUL_EXEMPLE)
    claire = await ward.link(CLAIRE_TEMOIN)
    async with ward.server.online(PAUL_EXEMPLE) as paul:
        cid = await claire.call("createConversation", [paul_uid.hex()], "")
        await claire.call("sendText", cid, "avant")
        await until_true(paul, lambda: texts(paul, cid_of(cid)) == ["avant"])
        await claire.call("setVerified", paul_uid.hex(), True)
    await reset(ward.server, PAUL_EXEMPLE, "neuf")
    await claire.wait_for("contactWarned", lambda event: event["warning"] == "reset")
    assert [(one["uid"], one["kind"]) for one in await claire.call("warnings")] == [(paul_uid.hex(), "reset")]
    assert await claire.call("isVerified", paul_uid.hex()) is False
    with pytest.raises(Refused, match="contact_reset"):
        await claire.call("sendText", cid, "pas encore")
    async with ward.server.online("neuf") as again:
        await claire.call("acceptContact", paul_uid.hex())
        assert await claire.call("warnings") == []
        await claire.call("sendText", cid, "maintenant")
        await until_true(again, lambda: texts(again, cid_of(cid))[-1:] == ["maintenant"])
        assert "pas encore" not in texts(again, cid_of(cid))
    assert claire.complaints == []
