/** An enrolment that is being opened, usable at once: each call waits for it. */

import type { Enrolment } from "../engine/api.js";

/** Whoever made `opening` sees it fail; here it fails the calls that waited for it. */
export function soon(opening: Promise<Enrolment>): Enrolment {
  opening.catch(() => undefined);
  return {
    link: async (...asked) => (await opening).link(...asked),
    pair: async (...asked) => (await opening).pair(...asked),
    recover: async (...asked) => (await opening).recover(...asked),
    reset: async (...asked) => (await opening).reset(...asked),
  };
}
