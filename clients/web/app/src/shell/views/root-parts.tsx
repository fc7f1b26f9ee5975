/** What stands on the page while something is missing: the start, a refusal, a part that is being fetched. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { EngineError } from "../../engine/api.js";
import { useSentence, useShell } from "./context.js";
import { Busy } from "./parts.js";

export function Starting() {
  const { t } = useShell();
  return (
    <main class="gate">
      <img class="gate__mark" src="icons/miss.svg" alt="" width="56" height="56" />
      <h1 class="visually-hidden">{t.name}</h1>
      <Busy text={t.start.opening} />
    </main>
  );
}

export function Failed({ error }: { readonly error: EngineError }) {
  const { t } = useShell();
  const sentence = useSentence(error);
  return (
    <main class="gate">
      <h1>{t.start.failedTitle}</h1>
      <p role="alert" class="shell-problem">
        {sentence}
      </p>
      <p class="gate__state">{error.code === "store_failed" ? t.start.noDatabase : t.start.failedHint}</p>
      <button type="button" class="button" onClick={() => location.reload()}>
        {t.common.retry}
      </button>
    </main>
  );
}

interface FetchedProps<T> {
  /** The same function each time. */
  readonly load: () => Promise<T>;
  readonly children: (part: T) => ComponentChildren;
}

/** Shows `children` as soon as the file that has them is there. */
export function Fetched<T>({ load, children }: FetchedProps<T>) {
  const [part, setPart] = useState<{ readonly value: T } | null>(null);
  const [error, setError] = useState<EngineError | null>(null);
  useEffect(() => {
    load().then((value) => setPart({ value }), (cause: unknown) => setError(cause instanceof EngineError ? cause : new EngineError("internal", {}, { cause })));
  }, [load]);
  if (error) return <Failed error={error} />;
  return <>{part ? children(part.value) : <Starting />}</>;
}
