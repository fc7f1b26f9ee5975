/** The badge of a person whose safety words were compared; asked of the engine once and after each change. */
import { useEffect, useState } from "preact/hooks";
import type { Uid } from "../../engine/api.js";
import { usePlace } from "../place.js";
import { Icon } from "./icons.js";

/** Whether the reader has compared words with `uid`; `again` changes to ask anew. */
export function useVerified(uid: Uid, again = 0): boolean {
  const { engine, desk } = usePlace();
  const [verified, setVerified] = useState(false);
  useEffect(() => {
    let here = true;
    const ask = (): void => {
      engine.isVerified(uid).then(
        (answer) => here && setVerified(answer),
        () => here && setVerified(false),
      );
    };
    ask();
    let warnings = desk.state.warnings;
    const stop = desk.watch(() => {
      if (desk.state.warnings !== warnings) {
        warnings = desk.state.warnings;
        ask();
      }
    });
    return () => {
      here = false;
      stop();
    };
  }, [uid, again]);
  return verified;
}

export function VerifiedBadge({ uid }: { uid: Uid }) {
  const { t } = usePlace();
  if (!useVerified(uid)) return null;
  return (
    <span class="verified" title={t.contact.compared}>
      <Icon name="verified" />
      <span class="visually-hidden">{t.contact.compared}</span>
    </span>
  );
}
