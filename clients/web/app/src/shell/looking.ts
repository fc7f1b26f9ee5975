/**
 * Whether somebody looks at MiSS just now, in whichever tab.
 *
 * The tab in front holds a lock of the browser's: it is gone with the tab, however that ends, and whoever wants to know
 * has nobody to ask and to wait for.
 */

const LOCK = "miss.looked-at";
const SIGNS = ["focus", "blur", "pageshow", "pagehide"] as const;

/** Hold the lock while `page` is in front, from now on. */
export function tellLooking(page: Window, locks: Pick<LockManager, "request">): void {
  let letGo: (() => void) | null = null;
  const look = (): void => {
    const isSeen = page.document.visibilityState === "visible" && page.document.hasFocus();
    if (isSeen === (letGo !== null)) return;
    if (letGo) {
      letGo();
      letGo = null;
      return;
    }
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    // Shared: two windows may be on their way from one to the other.
    locks.request(LOCK, { mode: "shared" }, () => held).catch(() => undefined);
  };
  for (const sign of SIGNS) page.addEventListener(sign, look);
  page.document.addEventListener("visibilitychange", look);
  look();
}

/** True while a tab of this browser is in front. */
export async function isLookedAt(locks: Pick<LockManager, "query">): Promise<boolean> {
  const { held = [] } = await locks.query();
  return held.some(({ name }) => name === LOCK);
}
