/** What stands above everything: no network, warnings about keys, results waiting, a server that lied. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { pressing } from "../state/alarms.js";
import { fullName, memberOf } from "../state/names.js";
import { sentenceOf } from "../texts/errors.js";
import { Icon, type IconName } from "./parts/icons.js";
import { useDesk, useNow, usePlace } from "./place.js";

export function Banners({ children }: { children?: ComponentChildren }) {
  return (
    <div class="banners">
      {children}
      <Connection />
      <Alarms />
      <Warnings />
      <Lies />
    </div>
  );
}

interface BannerProps {
  readonly tone: "quiet" | "warn" | "danger";
  readonly icon: IconName;
  readonly children: ComponentChildren;
  readonly action?: { readonly label: string; readonly act: () => void };
}

export function Banner({ tone, icon, children, action }: BannerProps) {
  return (
    <div class={`banner banner--${tone}`} role={tone === "danger" ? "alert" : "status"}>
      <Icon name={icon} />
      <p class="banner__text">{children}</p>
      {action && (
        <button type="button" class="button button--small" onClick={action.act}>
          {action.label}
        </button>
      )}
    </div>
  );
}

/** The first seconds of a start are no news. */
const CALM_MS = 2500;

function Connection() {
  const { t, language, now } = usePlace();
  const connection = useDesk((state) => state.connection);
  const reason = useDesk((state) => state.reason);
  const params = useDesk((state) => state.reasonParams);
  const synced = useDesk((state) => state.synced);
  const [since] = useState(now);
  const calm = useNow(1000) - since < CALM_MS;
  if (connection === "refused") {
    return (
      <Banner tone="danger" icon="offline">
        {t.connection.refused(reason === "" ? "" : sentenceOf(reason, params, language))}
      </Banner>
    );
  }
  if (connection === "waiting") {
    return (
      <Banner tone="warn" icon="offline">
        {"retry_after_s" in params ? sentenceOf(reason, params, language) : t.connection.offline}
      </Banner>
    );
  }
  if (synced || calm) return null;
  return (
    <Banner tone="quiet" icon="clock">
      {connection === "connecting" ? t.connection.connecting : t.connection.syncing}
    </Banner>
  );
}

function Alarms() {
  const { t, navigation } = usePlace();
  const own = useDesk((state) => state.own?.uid ?? "");
  const waiting = pressing(useDesk((state) => state.alarms), own);
  const [first] = waiting;
  if (!first || navigation.where.panel?.kind === "alarms") return null;
  if (waiting.length === 1 && navigation.where.cid === first.cid) return null;
  return (
    <Banner tone="danger" icon="alarm" action={{ label: t.alarm.show, act: () => navigation.show({ kind: "alarms" }) }}>
      {t.alarm.banner(waiting.length)}
    </Banner>
  );
}

function Warnings() {
  const { t, navigation } = usePlace();
  const warnings = useDesk((state) => state.warnings);
  const conversations = useDesk((state) => state.conversations);
  const grave = warnings.filter((warning) => warning.kind !== "new_device").at(-1);
  const { panel } = navigation.where;
  if (!grave || (panel?.kind === "contact" && panel.uid === grave.uid)) return null;
  let name = t.common.unknownPerson;
  for (const conversation of conversations.values()) {
    const member = memberOf(conversation, grave.uid);
    if (member) name = fullName(member.who);
  }
  return (
    <Banner tone="danger" icon="warn" action={{ label: t.contact.warningShow, act: () => navigation.show({ kind: "contact", uid: grave.uid }) }}>
      {t.contact.warning[grave.kind](name)}
    </Banner>
  );
}

const RESTORED = "server_restored";

function Lies() {
  const { t, language } = usePlace();
  const lies = useDesk((state) => state.lies);
  const [hidden, setHidden] = useState(0);
  if (lies.length <= hidden) return null;
  // What the operator's signature explains is no lie: it is said as what it is.
  const isExplained = lies.slice(hidden).every((code) => code === RESTORED);
  return (
    <Banner tone={isExplained ? "warn" : "danger"} icon="warn" action={{ label: t.contact.dismiss, act: () => setHidden(lies.length) }}>
      {isExplained ? sentenceOf(RESTORED, {}, language) : t.contact.server}
    </Banner>
  );
}
