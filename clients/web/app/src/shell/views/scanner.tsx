/** The camera's picture with a frame, until a code is read. */
import { useEffect, useRef, useState } from "preact/hooks";

import { scan } from "../camera.js";
import { useShell } from "./context.js";
import { Problem } from "./parts.js";

interface ScannerProps {
  /** True: this is the code; false: look further. */
  readonly onFound: (bytes: Uint8Array) => boolean;
  readonly onClose: () => void;
}

export function Scanner({ onFound, onClose }: ScannerProps) {
  const { t } = useShell();
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const ended = new AbortController();
    const found = (bytes: Uint8Array): boolean => {
      const isIt = onFound(bytes);
      if (!isIt) setProblem(t.scanner.other);
      return isIt;
    };
    if (video.current) scan(video.current, found, ended.signal).catch(() => setProblem(t.scanner.noCamera));
    return () => ended.abort();
  }, []);
  return (
    <div class="scanner">
      <p>{t.scanner.hint}</p>
      <div class="scanner__frame">
        <video ref={video} class="scanner__video" muted playsInline aria-label={t.scanner.title} />
      </div>
      <Problem text={problem} />
      <button type="button" class="button button--quiet" onClick={onClose}>
        {t.common.cancel}
      </button>
    </div>
  );
}
