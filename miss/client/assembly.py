"""The parts of a running client, put together."""

from collections.abc import Callable
from dataclasses import dataclass
from ssl import SSLContext

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.client.account.devices import Devices
from miss.client.account.epoch_secrets import EpochSecrets
from miss.client.account.recovery import Recovery
from miss.client.account.rotation import Rotation
from miss.client.account.standing import Standing
from miss.client.account.user_keys import UserKeys
from miss.client.account.vault import Vault
from miss.client.api import ServerApi
from miss.client.connection import Connection, host_of
from miss.client.epochs import Epochs
from miss.client.events import Announcer
from miss.client.files.downloads import Downloads
from miss.client.http import HttpExchange
from miss.client.inbox import ConnectionLost, Inbox, TurnedAway
from miss.client.incidents import Incidents
from miss.client.incoming.alarms import Alarms
from miss.client.incoming.claims import Claims
from miss.client.incoming.deletions import Deletions
from miss.client.incoming.effects import Effects
from miss.client.incoming.expiry import Expiry
from miss.client.incoming.intake import Intake
from miss.client.incoming.logbook import Logbook
from miss.client.incoming.markers import Markers
from miss.client.incoming.missed import MissedDeletions
from miss.client.incoming.signals import Signals
from miss.client.outgoing.departures import Departures
from miss.client.outgoing.ephemera import Ephemera
from miss.client.outgoing.reports import Reports
from miss.client.outgoing.sending import Sending
from miss.client.outgoing.statements import Statements
from miss.client.outgoing.uploads import Uploads
from miss.client.people.contacts import Contacts
from miss.client.people.identities import Identities
from miss.client.restoring.notices import RestorationNotices
from miss.client.restoring.reconciling import Reconciling
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.client.sync import Parts


@dataclass(frozen=True, slots=True)
class Assembly(Parts):
    """What a `Client` drives: what `Sync` relies on, and the rest."""

    time: ServerTime
    http: HttpExchange
    downloads: Downloads
    inbox: Inbox
    devices: Devices
    recovery: Recovery
    contacts: Contacts


def assemble(
    store: Store,
    clock: Clock,
    random_bytes: RandomBytes,
    server_url: str | None,
    language: Language,
    ssl_context: SSLContext | None,
) -> Assembly:
    """Build the parts; nothing runs yet.  Raises StoreHasNoDevice."""
    device = store.device.get()
    url = server_url or device.server_url
    time, announcer, inbox = ServerTime(clock), Announcer(), Inbox()
    http = HttpExchange(url, language=language, ssl_context=ssl_context)
    api = ServerApi(http, did=device.did, keys=device.keys, host=host_of(url), time=time)
    identities = Identities(store, device.root, api, time, announcer)
    user_keys, vault, secrets = _open_keys(store, device, identities, api, announcer)
    epochs = Epochs(store, device, identities, api, time, random_bytes, announcer, secrets)
    rotation = Rotation(store, device, identities, user_keys, vault, secrets, api, time, random_bytes, epochs.catch_up)
    effects, logbook = Effects(store), Logbook(store)
    deletions = Deletions(store, device, identities, time, effects)
    intake = Intake(store, device, identities, epochs, effects, deletions, logbook, announcer)
    incidents = Incidents(store, identities, time, announcer)
    reconciling = _after_restores(store, device, api, epochs, time, announcer, incidents, lambda: connection.is_open)
    connection = _connect(url, device, store, time, random_bytes, announcer, inbox, ssl_context, reconciling)
    files = Uploads(store, api, announcer)
    sending = Sending(store, device, epochs, api, intake, logbook, files, connection, random_bytes, announcer)
    statements = Statements(store, api, connection)
    departures = Departures(store, device, epochs, connection, random_bytes)
    return Assembly(
        reconciling=reconciling,
        store=store,
        device=device,
        time=time,
        http=http,
        api=api,
        announcer=announcer,
        inbox=inbox,
        connection=connection,
        identities=identities,
        epochs=epochs,
        intake=intake,
        sending=sending,
        statements=statements,
        reports=Reports(store, device, connection, time),
        ephemera=Ephemera(connection),
        markers=Markers(store, device, identities, logbook, announcer),
        signals=Signals(device, deletions, Alarms(store, identities), statements, announcer),
        departures=departures,
        missed=MissedDeletions(store, api),
        incidents=incidents,
        claims=Claims(store, identities, epochs, incidents),
        expiry=Expiry(store, time, announcer),
        downloads=Downloads(store, api, announcer),
        standing=Standing(store, device, user_keys, announcer, identities.refresh_own, connection.stop),
        rotation=rotation,
        devices=Devices(store, device, url, identities, user_keys, rotation, api, time, random_bytes),
        recovery=Recovery(device, identities, user_keys, rotation, api, time, random_bytes, language),
        contacts=Contacts(store, device, identities, time, announcer, language, _each(sending.wake, departures.wake)),
    )


def _open_keys(
    store: Store, device: DeviceRecord, identities: Identities, api: ServerApi, announcer: Announcer
) -> tuple[UserKeys, Vault, EpochSecrets]:
    user_keys = UserKeys(store, device, identities, api, announcer)
    vault = Vault(store, device, user_keys, api)
    return user_keys, vault, EpochSecrets(store, device, user_keys, vault, api)


def _after_restores(
    store: Store,
    device: DeviceRecord,
    api: ServerApi,
    epochs: Epochs,
    time: ServerTime,
    announcer: Announcer,
    incidents: Incidents,
    is_open: Callable[[], bool],
) -> Reconciling:
    notices = RestorationNotices(store, device.root, api, time, announcer)
    return Reconciling(store, device, api, epochs, time, announcer, notices, incidents, is_open)


def _each(*wake: Callable[[], None]) -> Callable[[], None]:
    """One call for several."""

    def wake_all() -> None:
        for one in wake:
            one()

    return wake_all


def _connect(
    url: str,
    device: DeviceRecord,
    store: Store,
    time: ServerTime,
    random_bytes: RandomBytes,
    announcer: Announcer,
    inbox: Inbox,
    ssl_context: SSLContext | None,
    reconciling: Reconciling,
) -> Connection:
    """What the connection brings goes into the inbox, in order."""
    return Connection(
        url,
        did=device.did,
        keys=device.keys,
        time=time,
        random_bytes=random_bytes,
        announcer=announcer,
        resume=store.device.resume,
        receive=inbox.put_nowait,
        lost=lambda: inbox.put_nowait(ConnectionLost()),
        turned_away=lambda: inbox.put_nowait(TurnedAway()),
        rescue=reconciling.rescue,
        ssl_context=ssl_context,
    )
