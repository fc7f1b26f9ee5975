"""What honest people are doing while the server lies: each play brings its people in, lies, and acts.

A play returns the victim and somebody whose server is honest, both still online.
"""

import io
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta

from PIL import Image

from tests.attacks.middle import Lie
from tests.attacks.scene import BEFORE, Scene, pair
from tests.attacks.watch import Watch


@dataclass
class Cast:
    """Who is on stage."""

    scene: Scene
    stack: AsyncExitStack
    lie: Lie
    online: dict[str, Watch] = field(default_factory=dict)

    async def honest(self, name: str) -> Watch:
        self.online[name] = await self.stack.enter_async_context(self.scene.honest(name))
        return self.online[name]

    async def deceived(self, name: str, *, synced: bool = True) -> Watch:
        self.online[name] = await self.stack.enter_async_context(self.scene.deceived(name, synced=synced))
        return self.online[name]

    def begin(self) -> None:
        """From here on the server lies."""
        self.scene.middle.lie = self.lie


Play = Callable[[Cast], Awaitable[tuple[Watch, Watch]]]


async def hears(cast: Cast) -> tuple[Watch, Watch]:
    """Paul is online while Anne writes."""
    anne, paul = await cast.honest("anne"), await cast.deceived("paul")
    cast.begin()
    await cast.scene.write(anne, "vrai")
    return paul, anne


async def hears_two(cast: Cast) -> tuple[Watch, Watch]:
    """Paul is online while Anne and Claire write, and Anne once more."""
    anne, claire, paul = await cast.honest("anne"), await cast.honest("claire"), await cast.deceived("paul")
    cast.begin()
    await cast.scene.write(anne, "vrai 1")
    await cast.scene.write(claire, "vrai 2")
    await anne.until(lambda: "vrai 2" in anne.texts(cast.scene.cid))
    await cast.scene.write(anne, "vrai 3")
    return paul, anne


async def comes_back(cast: Cast) -> tuple[Watch, Watch]:
    """Paul was away while Anne and Claire wrote; he connects; Anne writes once more."""
    anne, claire = await cast.honest("anne"), await cast.honest("claire")
    for watch, text in ((anne, "vrai 1"), (claire, "vrai 2"), (anne, "vrai 3")):
        await cast.scene.write(watch, text)
    await anne.until(lambda: "vrai 2" in anne.texts(cast.scene.cid))
    cast.begin()
    paul = await cast.deceived("paul", synced=False)
    await paul.until(lambda: "ConnectionChanged open" in paul.names)
    await cast.scene.write(anne, "vrai 4")
    return paul, anne


async def comes_back_to_another_epoch(cast: Cast) -> tuple[Watch, Watch]:
    """Paul was away while Anne brought Karim in and wrote; he connects."""
    anne = await cast.honest("anne")
    await anne.client.add_member(cast.scene.cid, cast.scene.uids["karim"])
    await cast.scene.write(anne, "vrai, pour Karim aussi")
    cast.begin()
    paul = await cast.deceived("paul", synced=False)
    await paul.until(lambda: "ConnectionChanged open" in paul.names)
    return paul, anne


async def is_rekeyed(cast: Cast) -> tuple[Watch, Watch]:
    """Paul is online while Anne brings Karim in and writes."""
    anne, paul = await cast.honest("anne"), await cast.deceived("paul")
    cast.begin()
    await anne.client.add_member(cast.scene.cid, cast.scene.uids["karim"])
    await cast.scene.write(anne, "vrai, pour Karim aussi")
    return paul, anne


async def joins(cast: Cast) -> tuple[Watch, Watch]:
    """Karim is brought in by Anne, who writes; he may read what came before."""
    anne, karim = await cast.honest("anne"), await cast.deceived("karim")
    cast.begin()
    await anne.client.add_member(cast.scene.cid, cast.scene.uids["karim"])
    await cast.scene.write(anne, "bienvenue")
    return karim, anne


async def sees_member_leave(cast: Cast) -> tuple[Watch, Watch]:
    """Paul is online while Anne puts Claire out and writes."""
    anne, paul = await cast.honest("anne"), await cast.deceived("paul")
    cast.begin()
    await anne.client.remove_member(cast.scene.cid, cast.scene.uids["claire"])
    await cast.scene.write(anne, "vrai, sans Claire")
    return paul, anne


async def meets(cast: Cast) -> tuple[Watch, Watch]:
    """Paul looks up Hugo, whom he never met."""
    anne, paul = await cast.honest("anne"), await cast.deceived("paul")
    cast.begin()
    await paul.attempt(paul.client.identity(cast.scene.uids["hugo"]))
    return paul, anne


async def meets_again(cast: Cast) -> tuple[Watch, Watch]:
    """Paul starts a conversation with Claire, whom he knows."""
    anne, paul = await cast.honest("anne"), await cast.deceived("paul")
    cast.begin()
    await paul.attempt(paul.client.create_conversation([cast.scene.uids["claire"]]))
    return paul, anne


async def compares(cast: Cast) -> tuple[Watch, Watch]:
    """Paul scans the safety code on Claire's screen."""
    claire, paul = await cast.honest("claire"), await cast.deceived("paul")
    cast.begin()
    shown = claire.client.contacts.qr(paul.client.uid)
    await paul.attempt(paul.client.contacts.compare(claire.client.uid, shown))
    return paul, claire


async def sends(cast: Cast) -> tuple[Watch, Watch]:
    """Paul writes."""
    anne, paul = await cast.honest("anne"), await cast.deceived("paul")
    cast.begin()
    cast.scene.note_written(paul, "de Paul")
    mid = paul.client.send_text(cast.scene.cid, "de Paul")
    await paul.attempt(paul.client.wait_sent(mid))
    return paul, anne


async def sees_deletion(cast: Cast) -> tuple[Watch, Watch]:
    """Anne deletes her first message, then writes."""
    anne, paul = await cast.honest("anne"), await cast.deceived("paul")
    cast.begin()
    anne.client.delete(cast.scene.cid, 1)
    cast.scene.written.discard((anne.client.uid, BEFORE[0]))
    await cast.scene.write(anne, "vrai")
    await paul.until(lambda: "vrai" in paul.texts(cast.scene.cid))
    return paul, anne


async def comes_back_to_deletion(cast: Cast) -> tuple[Watch, Watch]:
    """Paul was away while Anne wrote, deleted that and wrote again; he connects."""
    anne = await cast.honest("anne")
    seq = await anne.client.wait_sent(anne.client.send_text(cast.scene.cid, "à effacer"))
    anne.client.delete(cast.scene.cid, seq)
    await anne.until(lambda: any(name.startswith("MessageChanged") for name in anne.names))
    await cast.scene.write(anne, "vrai")
    await anne.settle()
    cast.begin()
    paul = await cast.deceived("paul", synced=False)
    return paul, anne


async def is_alarmed(cast: Cast) -> tuple[Watch, Watch]:
    """Anne sends an alarming result, Claire answers for it."""
    anne, claire, paul = await cast.honest("anne"), await cast.honest("claire"), await cast.deceived("paul")
    cast.begin()
    cast.scene.note_written(anne, "Kaliémie 6,8 mmol/L")
    ack_by = cast.scene.place.clock.now() + timedelta(hours=1)
    mid = anne.client.send_alarm(cast.scene.cid, "Kaliémie 6,8 mmol/L", ack_by=ack_by)
    seq = await anne.client.wait_sent(mid)
    await claire.until(lambda: "AlarmRaised" in claire.names)
    await paul.until(lambda: "AlarmRaised" in paul.names)
    await claire.client.wait_sent(claire.client.acknowledge(cast.scene.cid, seq))
    await paul.settle()
    return paul, anne


async def uses_second_device(cast: Cast) -> tuple[Watch, Watch]:
    """Paul's phone lets a tablet in after his user key was renewed: what came before lies in the vault."""
    anne, phone = await cast.honest("anne"), await cast.honest("paul")
    await phone.client.devices.rotate()
    await cast.scene.write(anne, "vrai")
    await phone.until(lambda: "vrai" in phone.texts(cast.scene.cid))
    await pair(cast.scene, phone, "tablet", cast.scene.process.url)
    cast.begin()
    return await cast.deceived("tablet", synced=False), anne


async def follows_rotation(cast: Cast) -> tuple[Watch, Watch]:
    """Paul's phone renews the user key while his tablet is online."""
    anne, phone = await cast.honest("anne"), await cast.honest("paul")
    await pair(cast.scene, phone, "tablet", cast.scene.process.url)
    tablet = await cast.deceived("tablet")
    cast.begin()
    await phone.client.devices.rotate()
    await cast.scene.write(anne, "vrai")
    return tablet, anne


async def is_read(cast: Cast) -> tuple[Watch, Watch]:
    """Paul is online while Anne reads what he wrote."""
    anne, paul = await cast.honest("anne"), await cast.deceived("paul")
    cast.begin()
    anne.client.mark_read(cast.scene.cid, 3)
    await paul.settle()
    return paul, anne


def jpeg() -> bytes:
    """A small photo."""
    out = io.BytesIO()
    Image.new("RGB", (320, 240), "teal").save(out, "JPEG")
    return out.getvalue()


async def looks_at_photo(cast: Cast) -> tuple[Watch, Watch]:
    """Anne sends a photo, Paul opens it."""
    anne, paul = await cast.honest("anne"), await cast.deceived("paul")
    cast.scene.note_written(anne, "la photo")
    await anne.client.wait_sent(await anne.client.send_photo(cast.scene.cid, jpeg(), "la photo"))
    await paul.until(lambda: "la photo" in paul.texts(cast.scene.cid))
    cast.begin()
    await paul.attempt(paul.client.fetch_photo(paul.shown(cast.scene.cid)[-1]))
    return paul, anne


async def proves(cast: Cast) -> tuple[Watch, Watch]:
    """Paul exports the proof of Anne's first message."""
    anne, paul = await cast.honest("anne"), await cast.deceived("paul")
    cast.begin()
    await paul.attempt(paul.client.export_proof(cast.scene.cid, 1))
    return paul, anne


async def connects(cast: Cast) -> tuple[Watch, Watch]:
    """Paul connects; Anne writes."""
    anne = await cast.honest("anne")
    cast.begin()
    paul = await cast.deceived("paul", synced=False)
    await cast.scene.write(anne, "vrai")
    return paul, anne
