/** A message that has not left yet: waiting, on its way with its file, or failed with its reason and two ways out. */
import type { Outgoing } from "../../engine/api.js";
import { uploadOf } from "../../state/desk.js";
import { clock } from "../../state/times.js";
import { sentenceOf } from "../../texts/errors.js";
import { Icon } from "../parts/icons.js";
import { memo } from "../parts/memo.js";
import { useDesk, usePlace } from "../place.js";

export const OutgoingView = memo(function OutgoingView({ outgoing, leads }: { outgoing: Outgoing; leads: boolean }) {
  const { t, language, desk } = usePlace();
  const transfer = useDesk((state) => uploadOf(state, outgoing.mid));
  const failed = outgoing.failed !== "";
  const percent = transfer && transfer.sizeBytes > 0 ? Math.floor((100 * transfer.doneBytes) / transfer.sizeBytes) : null;
  const [attachment] = outgoing.attachments;
  return (
    <article
      class={`msg msg--mine msg--waiting${leads ? " msg--leads" : ""}${failed ? " msg--failed" : ""}`}
      aria-label={t.message.label(t.common.you, failed ? t.message.failed : t.message.sending)}
      tabIndex={-1}
    >
      <div class="msg__bubble">
        {outgoing.urgent && (
          <span class="tag tag--danger">
            <Icon name="urgent" /> {t.message.urgent}
          </span>
        )}
        {attachment && (
          <p class="file">
            <Icon name={attachment.mediaType === "application/pdf" ? "file" : "photo"} />
            <span class="file__name">{attachment.name || t.preview.photo}</span>
          </p>
        )}
        {percent !== null && !failed && <progress class="progress" value={percent} max={100} aria-label={t.message.uploading(percent)} />}
        {outgoing.text !== "" && <p class="msg__text">{outgoing.text}</p>}
        <span class="msg__meta">
          <time>{clock(outgoing.writtenAtMs, language)}</time>
          <span class="ticks" title={failed ? t.message.failed : t.message.sending}>
            <Icon name={failed ? "warn" : "clock"} />
            <span class="visually-hidden">{failed ? t.message.failed : t.message.sending}</span>
          </span>
        </span>
      </div>
      {(failed || attachment) && (
        <div class="msg__trouble" role={failed ? "alert" : undefined}>
          {failed && <p>{t.message.failed}. {sentenceOf(outgoing.failed, outgoing.failedParams, language)}</p>}
          {failed && (
            <button type="button" class="button button--small" onClick={() => void desk.write(outgoing.cid, (engine) => engine.retry(outgoing.mid))}>
              {t.common.retry}
            </button>
          )}
          <button
            type="button"
            class="button button--small button--quiet"
            onClick={() => void desk.write(outgoing.cid, (engine) => engine.discard(outgoing.mid))}
          >
            {failed ? t.message.discard : t.common.cancel}
          </button>
        </div>
      )}
    </article>
  );
});
