/** The parts of a running engine, put together. */

import { Devices } from "./account/devices.js";
import { EpochSecrets } from "./account/epochSecrets.js";
import { Recovery } from "./account/recovery.js";
import { Rotation } from "./account/rotation.js";
import { Standing } from "./account/standing.js";
import { UserKeys } from "./account/userKeys.js";
import { Vault } from "./account/vault.js";
import { Announcer } from "./announcer.js";
import { Connection } from "./connection.js";
import { Epochs } from "./epochs.js";
import { Downloads } from "./files/downloads.js";
import { hostOf, HttpExchange } from "./http.js";
import { Incidents } from "./incidents.js";
import { Alarms } from "./incoming/alarms.js";
import { Claims } from "./incoming/claims.js";
import { Deletions } from "./incoming/deletions.js";
import { Effects } from "./incoming/effects.js";
import { Expiry } from "./incoming/expiry.js";
import { Intake } from "./incoming/intake.js";
import { Logbook } from "./incoming/logbook.js";
import { Markers } from "./incoming/markers.js";
import { MissedDeletions } from "./incoming/missed.js";
import { Opening } from "./incoming/opening.js";
import { Signals } from "./incoming/signals.js";
import { Departures } from "./outgoing/departures.js";
import { Ephemera } from "./outgoing/ephemera.js";
import { Receipts } from "./outgoing/receipts.js";
import { Reports } from "./outgoing/reports.js";
import { Sealing } from "./outgoing/sealing.js";
import { Sending } from "./outgoing/sending.js";
import { Statements } from "./outgoing/statements.js";
import { Uploads } from "./outgoing/uploads.js";
import { Contacts } from "./people/contacts.js";
import type { News } from "./news.js";
import type { Parts } from "./parts.js";
import { Identities } from "./people/identities.js";
import type { Platform } from "./platform.js";
import { Reconciling } from "./restoring/reconciling.js";
import { ServerApi } from "./serverApi.js";
import { ServerTime } from "./serverTime.js";
import type { Store } from "./store/store.js";
import { Inbox } from "./waiting.js";

export interface AssemblyOptions {
  readonly platform: Platform;
  /** Of a linked device, and open. */
  readonly store: Store;
  readonly language: "fr" | "en";
  /** Where the server has moved to, if it has. */
  readonly serverUrl?: string;
}

/** What an engine drives: what `Sync` relies on, and the rest. */
export interface Assembly extends Parts {
  readonly platform: Platform;
  readonly time: ServerTime;
  readonly inbox: Inbox<News>;
  readonly userKeys: UserKeys;
  readonly downloads: Downloads;
  readonly devices: Devices;
  readonly recovery: Recovery;
  readonly contacts: Contacts;
}

/** What everything else stands on. */
function foundation({ language, platform, serverUrl, store }: AssemblyOptions) {
  const device = store.device.get();
  const url = serverUrl ?? device.serverUrl;
  const time = new ServerTime(platform);
  const announcer = new Announcer();
  const api = new ServerApi(new HttpExchange(platform, url, language), device, hostOf(url), time);
  const identities = new Identities(platform, store, device.root, api, time, announcer);
  return { url, common: { platform, store, device, identities, api, time, announcer } };
}

/** What the connection brings goes into the inbox, in order. */
function connect(
  url: string,
  { announcer, device, platform, store, time }: ConnectionNeeds,
  inbox: Inbox<News>,
  rescue: () => Promise<boolean>,
) {
  return new Connection(platform, url, device, time, announcer, {
    resume: () => store.device.resume(),
    receive: (event) => inbox.put(event),
    lost: () => inbox.put({ kind: "connectionLost" }),
    turnedAway: () => inbox.put({ kind: "turnedAway" }),
    rescue,
  });
}

type ConnectionNeeds = Pick<Assembly, "announcer" | "device" | "platform" | "store" | "time">;

/** Build the parts; nothing runs yet.  Throws `store_has_no_device`. */
export function assemble(options: AssemblyOptions): Assembly {
  const { common, url } = foundation(options);
  const { announcer, api, device, identities, platform, store, time } = common;
  const inbox = new Inbox<News>();
  const connection = connect(url, common, inbox, () => reconciling.rescue());
  const userKeys = new UserKeys(store, device, identities, api);
  const vault = new Vault(store, device, userKeys, api);
  const secrets = new EpochSecrets(store, device, userKeys, vault, api);
  const epochs = new Epochs({ ...common, secrets });
  const rotation = new Rotation({ ...common, userKeys, vault, secrets, catchUp: (cid) => epochs.catchUp(cid) });
  const effects = new Effects(store);
  const logbook = new Logbook(store);
  const deletions = new Deletions(store, device, identities, time, effects);
  const opening = new Opening(store, device, identities, epochs, deletions);
  const intake = new Intake(store, device, opening, effects, deletions, logbook, announcer);
  const sending = new Sending({
    ...common,
    epochs,
    intake,
    connection,
    sealing: new Sealing(platform, store, device, epochs, logbook),
    receipts: new Receipts(store, device, api),
    uploads: new Uploads(store, api, announcer),
  });
  const statements = new Statements(platform, store, api, connection);
  const incidents = new Incidents(store, identities, platform, time, announcer);
  const reconciling: Reconciling = new Reconciling({ ...common, epochs, incidents, isOpen: () => connection.isOpen });
  const departures = new Departures(platform, store, device, epochs, connection);
  const account = { ...common, serverUrl: url, userKeys, rotation };
  const stop = (): void => connection.stop();
  const wake = (): void => {
    sending.wake();
    departures.wake();
  };
  return {
    ...common,
    inbox,
    userKeys,
    epochs,
    connection,
    intake,
    sending,
    statements,
    incidents,
    departures,
    rotation,
    reconciling,
    reports: new Reports(platform, store, device, connection, time),
    ephemera: new Ephemera(platform, connection),
    markers: new Markers(store, device, identities, logbook, announcer),
    signals: new Signals(device, deletions, new Alarms(store, identities), statements, announcer),
    missed: new MissedDeletions(store, api),
    claims: new Claims(store, identities, epochs, incidents),
    expiry: new Expiry(store, platform, time, announcer),
    standing: new Standing(store, device, userKeys, announcer, (uid) => identities.refreshOwn(uid), stop),
    downloads: new Downloads(store, api, announcer),
    devices: new Devices(account),
    recovery: new Recovery(account, options.language),
    contacts: new Contacts({ ...common, language: options.language, wake }),
  };
}
