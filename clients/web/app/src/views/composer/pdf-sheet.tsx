/** A PDF before it leaves: its name, its size, a few words with it. */
import { useState } from "preact/hooks";
import type { Conversation, Mid } from "../../engine/api.js";
import { cleanName } from "../../photo/accept.js";
import { sizeWords } from "../../state/sizes.js";
import { Dialog } from "../parts/dialog.js";
import { Icon } from "../parts/icons.js";
import { usePlace } from "../place.js";
import type { Picked } from "./attach.js";

export interface SheetProps {
  readonly picked: Picked;
  readonly conversation: Conversation;
  readonly urgent: boolean;
  readonly reply: Mid | null;
  readonly place: { readonly at: number; readonly count: number };
  readonly onDone: (sent: boolean) => void;
}

export function PdfSheet({ picked, conversation, urgent, reply, onDone }: SheetProps) {
  const { t, desk, language } = usePlace();
  const [caption, setCaption] = useState("");
  const { cid } = conversation;
  const send = (event: Event): void => {
    event.preventDefault();
    onDone(true);
    void desk.write(cid, (engine) => engine.sendFile(cid, picked.bytes, cleanName(picked.name), caption.trim(), { urgent, reply }));
  };
  return (
    <Dialog title={t.photo.pdfTitle} onClose={() => onDone(false)}>
      <form onSubmit={send}>
        <p class="file">
          <Icon name="file" />
          <span class="file__main">
            <span class="file__name">{cleanName(picked.name)}</span>
            <span class="file__size">PDF · {sizeWords(picked.bytes.length, language)}</span>
          </span>
        </p>
        <p class="hint">{t.photo.pdfAsIs}</p>
        <label class="field">
          <span>{t.photo.caption}</span>
          <input class="text-input" value={caption} onInput={(event: Event) => setCaption((event.currentTarget as HTMLInputElement).value)} />
        </label>
        <div class="dialog__actions">
          <button type="button" class="button button--quiet" onClick={() => onDone(false)}>
            {t.common.cancel}
          </button>
          <button type="submit" class="button">
            {t.photo.pdfSend}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
