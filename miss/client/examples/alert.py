"""An alert: a laboratory's alarming potassium to the prescriber, else to whoever took the sample.

    python -m miss.client.examples.alert FOLDER --prescriber EXEMPLE --sampler TEMOIN --potassium 6.8 --minutes 15

Goes on until somebody has answered for the result by signature, and writes that signature beside the store; exit
code 1 if everybody named was asked in vain: then somebody has to telephone.  A result within limits is not sent.
"""

import argparse
import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from miss.base.clock import Clock, SystemClock
from miss.base.ids import AccountId
from miss.base.random import system_random
from miss.client import Client, Message, Store, key_from_file
from miss.client.events import AlarmExhausted, MessageChanged
from miss.client.model import Alarm

LOW_MMOL_L, HIGH_MMOL_L = 2.5, 6.0
"""Beyond these a potassium is called in: the laboratory's own limits go here."""


def is_alarming(potassium_mmol_l: float) -> bool:
    """True for a result that somebody has to know of now."""
    return not LOW_MMOL_L <= potassium_mmol_l <= HIGH_MMOL_L


async def find_colleague(client: Client, name: str) -> AccountId:
    """The one person whom `name` finds.  Raises LookupError: an alarm is not for somebody who may be another."""
    found = [entry.uid for entry in await client.directory(name) if entry.uid]
    if len(found) != 1:
        raise LookupError(f"{name}: {len(found)} personnes trouvées")
    return found[0]


async def alert(
    client: Client, clock: Clock, potassium_mmol_l: float, prescriber: AccountId, sampler: AccountId, delay: timedelta
) -> Alarm | None:
    """Send the result; the alarm once somebody has answered for it by signature, or None if nobody did.

    The prescriber is named and asked at once; after `delay` the sampler is asked, by the server and by mail.
    """
    events = client.events()
    cid = await client.create_conversation([prescriber, sampler], name="Résultat alarmant")
    text = f"Kaliémie : {potassium_mmol_l:.1f} mmol/L. Merci d'en accuser réception."
    mid = client.send_alarm(cid, text, ack_by=clock.now() + delay, next_uids=[sampler], mentions=[prescriber])
    seq = await client.wait_sent(mid)
    async for event in events:
        match event:
            case MessageChanged(message=Message(alarm=Alarm(acknowledgement=bytes()) as alarm) as changed):
                if (changed.cid, changed.seq) == (cid, seq):
                    return alarm
            case AlarmExhausted(cid=where, seq=place) if (where, place) == (cid, seq):
                return None
    return None


async def main(
    folder: Path, prescriber: str, sampler: str, potassium_mmol_l: float, delay: timedelta, url: str | None = None
) -> bool:
    """Send what has to be sent; True unless everybody was asked in vain."""
    if not is_alarming(potassium_mmol_l):
        return True
    key, clock = key_from_file(folder / "chat.key", system_random), SystemClock()
    with Store(folder / "chat.db", key, system_random) as store:
        async with Client.open(store, clock=clock, random_bytes=system_random, server_url=url) as client:
            async with asyncio.timeout(60):
                await client.wait_synced()
            people = [await find_colleague(client, name) for name in (prescriber, sampler)]
            alarm = await alert(client, clock, potassium_mmol_l, people[0], people[1], delay)
    if alarm is None or alarm.acknowledgement is None:
        return False
    (folder / "acknowledgement").write_bytes(alarm.acknowledgement)
    return True


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Transmet une kaliémie alarmante et attend qu'on en réponde.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prescriber", required=True)
    parser.add_argument("--sampler", required=True)
    parser.add_argument("--potassium", type=float, required=True, help="mmol/L")
    parser.add_argument("--minutes", type=float, default=15)
    given = parser.parse_args()
    patience = timedelta(minutes=given.minutes)
    sys.exit(0 if asyncio.run(main(given.folder, given.prescriber, given.sampler, given.potassium, patience)) else 1)
