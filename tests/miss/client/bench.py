"""One device's parts on a bench: its store, the server's HTTP side under the test's control, nothing running."""

from dataclasses import dataclass

from miss.base.clock import MovableClock, from_ms
from miss.client.account.epoch_secrets import EpochSecrets
from miss.client.account.user_keys import UserKeys
from miss.client.account.vault import Vault
from miss.client.epochs import Epochs
from miss.client.events import Announcer, Event, EventStream
from miss.client.incoming.alarms import Alarms
from miss.client.incoming.deletions import Deletions
from miss.client.incoming.effects import Effects
from miss.client.incoming.intake import Intake
from miss.client.incoming.logbook import Logbook
from miss.client.incoming.markers import Markers
from miss.client.people.identities import Identities
from miss.client.server_time import ServerTime
from miss.client.store import Store
from tests.miss.client.doubles import Server
from tests.miss.protocol.people import NOW_MS, Person, Stream


@dataclass(frozen=True)
class Bench:
    store: Store
    server: Server
    clock: MovableClock
    events: EventStream
    identities: Identities
    epochs: Epochs
    logbook: Logbook
    deletions: Deletions
    alarms: Alarms
    intake: Intake
    markers: Markers

    async def told(self) -> list[Event]:
        """Everything announced so far; the stream ends with it."""
        self.events.put(None)
        return [event async for event in self.events]


def bench(store: Store, owner: Person) -> Bench:
    """The parts of `owner`'s device, whose store this is."""
    server, announcer, clock = Server(), Announcer(), MovableClock(from_ms(NOW_MS))
    time, api, device = ServerTime(clock), server.api(owner), store.device.get()
    identities = Identities(store, device.root, api, time, announcer)
    user_keys = UserKeys(store, device, identities, api, announcer)
    secrets = EpochSecrets(store, device, user_keys, Vault(store, device, user_keys, api), api)
    epochs = Epochs(store, device, identities, api, time, Stream("epochs"), announcer, secrets)
    effects, logbook = Effects(store), Logbook(store)
    deletions = Deletions(store, device, identities, time, effects)
    intake = Intake(store, device, identities, epochs, effects, deletions, logbook, announcer)
    return Bench(
        store=store,
        server=server,
        clock=clock,
        events=announcer.stream(),
        identities=identities,
        epochs=epochs,
        logbook=logbook,
        deletions=deletions,
        alarms=Alarms(store, identities),
        intake=intake,
        markers=Markers(store, device, identities, logbook, announcer),
    )
