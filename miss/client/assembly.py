"""The parts of a running client, put together."""

from dataclasses import dataclass
from ssl import SSLContext

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.client.api import ServerApi
from miss.client.connection import Connection, host_of
from miss.client.epochs import Epochs
from miss.client.events import Announcer
from miss.client.http import HttpExchange
from miss.client.identity import Identities
from miss.client.intake import Intake
from miss.client.markers import Markers
from miss.client.reports import Reports
from miss.client.sending import Sending
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.client.sync import ConnectionLost, Inbox, Parts, Sync


@dataclass(frozen=True, slots=True)
class Assembly:
    """What a `Client` drives."""

    device: DeviceRecord
    time: ServerTime
    http: HttpExchange
    api: ServerApi
    announcer: Announcer
    identities: Identities
    epochs: Epochs
    connection: Connection
    sending: Sending
    reports: Reports
    inbox: Inbox
    sync: Sync


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
    epochs = Epochs(store, device, identities, api, time, random_bytes, announcer)
    intake = Intake(store, device, identities, epochs, announcer)
    connection = Connection(
        url,
        did=device.did,
        keys=device.keys,
        time=time,
        random_bytes=random_bytes,
        announcer=announcer,
        resume=store.device.resume,
        receive=inbox.put_nowait,
        lost=lambda: inbox.put_nowait(ConnectionLost()),
        ssl_context=ssl_context,
    )
    sending = Sending(store, device, epochs, api, intake, connection, random_bytes, announcer)
    reports = Reports(store, device, connection, time)
    sync = Sync(
        inbox,
        Parts(
            store=store,
            device=device,
            api=api,
            connection=connection,
            identities=identities,
            epochs=epochs,
            intake=intake,
            sending=sending,
            reports=reports,
            markers=Markers(store, device, identities, announcer),
            announcer=announcer,
        ),
    )
    return Assembly(device, time, http, api, announcer, identities, epochs, connection, sending, reports, inbox, sync)
