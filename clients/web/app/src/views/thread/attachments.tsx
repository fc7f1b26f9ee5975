/** Pictures and PDF files of a message.  A picture takes its room before it is there, so nothing jumps. */
import { useState } from "preact/hooks";
import type { Attachment, Message } from "../../engine/api.js";
import { keptName } from "../../photo/accept.js";
import { transferKey } from "../../state/desk.js";
import { sizeWords } from "../../state/sizes.js";
import { Confirm } from "../parts/dialog.js";
import { fileAddress, saveAs, usePicture } from "../parts/files.js";
import { Icon } from "../parts/icons.js";
import { useDesk, usePlace } from "../place.js";

export function Attachments({ message, author }: { message: Message; author: string }) {
  return (
    <>
      {message.attachments.map((attachment, index) =>
        attachment.mediaType === "application/pdf" ? (
          <PdfFile key={index} message={message} attachment={attachment} index={index} />
        ) : (
          <Photo key={index} message={message} attachment={attachment} index={index} author={author} />
        ),
      )}
    </>
  );
}

interface FileProps {
  readonly message: Message;
  readonly attachment: Attachment;
  readonly index: number;
}

/** Within these limits a picture is shown whole; taller ones are cropped in the conversation, not in the viewer. */
const LEAST_RATIO = 0.75;
const MOST_RATIO = 2.2;

function Photo({ message, attachment, index, author }: FileProps & { author: string }) {
  const { t, navigation } = usePlace();
  const { small, whole, error, retry } = usePicture(message.cid, message.seq, index);
  const ratio = attachment.width && attachment.height ? attachment.width / attachment.height : 4 / 3;
  const shown = whole ?? small;
  const place = { aspectRatio: String(Math.min(MOST_RATIO, Math.max(LEAST_RATIO, ratio))) };
  return (
    <div class={ratio < 1 ? "photo photo--tall" : "photo"} style={place}>
      <button type="button" class="photo__open" aria-label={t.message.openPhoto(author)} onClick={() => navigation.look(message.seq, index)}>
        {shown ? <img class={whole ? "photo__img" : "photo__img photo__img--small"} src={shown} alt="" draggable={false} /> : <Icon name="photo" />}
      </button>
      {error !== null && (
        <button type="button" class="photo__retry" onClick={retry}>
          <Icon name="retry" /> {t.common.retry}
        </button>
      )}
      <Progress message={message} index={index} />
    </div>
  );
}

function Progress({ message, index }: { message: Message; index: number }) {
  const { t, desk } = usePlace();
  const transfer = useDesk((state) => state.transfers.get(transferKey(message.cid, message.seq, index)));
  if (!transfer || transfer.sizeBytes === 0) return null;
  const percent = Math.floor((100 * transfer.doneBytes) / transfer.sizeBytes);
  return (
    <span class="transfer">
      <progress class="progress" value={percent} max={100} aria-label={t.message.downloading(percent)} />
      <button
        type="button"
        class="icon-button icon-button--small"
        aria-label={t.message.stopDownload}
        title={t.message.stopDownload}
        onClick={() => void desk.act((engine) => engine.cancelFile(message.cid, message.seq, index))}
      >
        <Icon name="close" />
      </button>
    </span>
  );
}

function PdfFile({ message, attachment, index }: FileProps) {
  const { t, engine, desk, language } = usePlace();
  const [saving, setSaving] = useState(false);
  // The window is opened by the click itself: browsers block those that open later.
  const open = (): void => {
    const tab = window.open("", "_blank");
    void desk
      .act(() => fileAddress(engine, message.cid, message.seq, index, "application/pdf"))
      .then((address) => (address && tab ? (tab.location.href = address) : tab?.close()));
  };
  const save = async (): Promise<void> => {
    const bytes = await desk.act((ask) => ask.fetchFile(message.cid, message.seq, index));
    if (bytes) saveAs(bytes, keptName(attachment.name, "pdf"), "application/pdf");
  };
  return (
    <div class="file">
      <Icon name="file" />
      <span class="file__main">
        <span class="file__name">{attachment.name || t.preview.document}</span>
        <span class="file__size">PDF · {sizeWords(attachment.sizeBytes, language)}</span>
        <Progress message={message} index={index} />
      </span>
      <button type="button" class="button button--small" aria-label={`${t.message.openPdf} ${attachment.name}`} onClick={open}>
        {t.message.openPdf}
      </button>
      <button type="button" class="icon-button" aria-label={`${t.message.savePdf} ${attachment.name}`} title={t.message.savePdf} onClick={() => setSaving(true)}>
        <Icon name="download" />
      </button>
      {saving && (
        <Confirm
          title={t.viewer.saveTitle}
          text={t.viewer.saveText}
          action={t.viewer.save}
          onConfirm={() => void save()}
          onClose={() => setSaving(false)}
        />
      )}
    </div>
  );
}
