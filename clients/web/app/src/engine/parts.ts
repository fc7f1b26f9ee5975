/** What catching up (`sync`) relies on. */

import type { Rotation } from "./account/rotation.js";
import type { Standing } from "./account/standing.js";
import type { Announcer } from "./announcer.js";
import type { Connection } from "./connection.js";
import type { Epochs } from "./epochs.js";
import type { Incidents } from "./incidents.js";
import type { Claims } from "./incoming/claims.js";
import type { Expiry } from "./incoming/expiry.js";
import type { Intake } from "./incoming/intake.js";
import type { Markers } from "./incoming/markers.js";
import type { MissedDeletions } from "./incoming/missed.js";
import type { Signals } from "./incoming/signals.js";
import type { Departures } from "./outgoing/departures.js";
import type { Ephemera } from "./outgoing/ephemera.js";
import type { Reports } from "./outgoing/reports.js";
import type { Sending } from "./outgoing/sending.js";
import type { Statements } from "./outgoing/statements.js";
import type { Identities } from "./people/identities.js";
import type { Reconciling } from "./restoring/reconciling.js";
import type { ServerApi } from "./serverApi.js";
import type { DeviceRecord } from "./store/device.js";
import type { Store } from "./store/store.js";

export interface Parts {
  readonly store: Store;
  readonly device: DeviceRecord;
  readonly api: ServerApi;
  readonly connection: Connection;
  readonly identities: Identities;
  readonly epochs: Epochs;
  readonly intake: Intake;
  readonly sending: Sending;
  readonly reports: Reports;
  readonly markers: Markers;
  readonly signals: Signals;
  readonly missed: MissedDeletions;
  readonly incidents: Incidents;
  readonly claims: Claims;
  readonly statements: Statements;
  readonly ephemera: Ephemera;
  readonly departures: Departures;
  readonly expiry: Expiry;
  readonly announcer: Announcer;
  readonly standing: Standing;
  readonly rotation: Rotation;
  readonly reconciling: Reconciling;
}
