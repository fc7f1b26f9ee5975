/** A picture over everything: larger, turned, moved, by fingers, mouse and keys; the others of the conversation beside. */
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Cid, Message } from "../engine/api.js";
import { keptName } from "../photo/accept.js";
import { fullName, memberOf } from "../state/names.js";
import { fullTime } from "../state/times.js";
import { type Look, WHOLE, keyed, movedBy, turned, zoomed } from "../state/turning.js";
import type { Desk } from "./desk.js";
import { Confirm, Dialog } from "./parts/dialog.js";
import { saveAs, usePicture } from "./parts/files.js";
import { Icon, type IconName } from "./parts/icons.js";
import { useDesk, usePlace } from "./place.js";

interface Shown {
  readonly message: Message;
  readonly index: number;
}

export function Viewer({ cid, seq, index }: { cid: Cid; seq: number; index: number }) {
  const { t, language, navigation } = usePlace();
  const conversation = useDesk((state) => state.conversations.get(cid));
  const messages = useDesk((state) => state.threads.get(cid)?.messages);
  const pictures = useMemo(() => picturesOf(messages ?? []), [messages]);
  const at = pictures.findIndex((one) => one.message.seq === seq && one.index === index);
  const shown = pictures[at];
  const close = (): void => navigation.back();
  const go = (step: 1 | -1): void => {
    const next = pictures[at + step];
    if (next) navigation.replace({ picture: { seq: next.message.seq, index: next.index } });
  };
  if (!shown || !conversation) return null;
  const member = memberOf(conversation, shown.message.uid);
  const title = shown.message.isMine ? t.viewer.own : t.viewer.title(member ? fullName(member.who) : t.common.unknownPerson);
  return (
    <Dialog title={title} kind="full" onClose={close}>
      <p class="viewer__when">
        {fullTime(shown.message.depositedAtMs, language)}
        {pictures.length > 1 && ` · ${t.viewer.place(at + 1, pictures.length)}`}
      </p>
      <Stage key={`${seq}/${index}`} shown={shown} label={title} go={go} hasBefore={at > 0} hasAfter={at < pictures.length - 1} />
      {shown.message.text !== "" && <p class="viewer__caption">{shown.message.text}</p>}
    </Dialog>
  );
}

function picturesOf(messages: readonly Message[]): readonly Shown[] {
  return messages.flatMap((message) =>
    message.isDeleted || message.refused !== ""
      ? []
      : message.attachments.flatMap((attachment, index) => (attachment.mediaType === "application/pdf" ? [] : [{ message, index }])),
  );
}

interface StageProps {
  readonly shown: Shown;
  readonly label: string;
  readonly go: (step: 1 | -1) => void;
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}

function Stage({ shown, label, go, hasBefore, hasAfter }: StageProps) {
  const { t, desk } = usePlace();
  const { message, index } = shown;
  const { small, whole, error, retry } = usePicture(message.cid, message.seq, index);
  const [look, setLook] = useState<Look>(WHOLE);
  const [saving, setSaving] = useState(false);
  const stage = useRef<HTMLDivElement>(null);
  const gestures = useGestures(stage, setLook);
  // The window itself goes to it when it opens; this is for the next picture.
  useLayoutEffect(() => stage.current?.focus(), []);
  const press = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = keyed(look, event.key);
    if (next === null) return;
    event.preventDefault();
    if (next === "previous") go(-1);
    else if (next === "next") go(1);
    else setLook(next);
  };
  const button = (icon: IconName, name: string, act: () => void, enabled = true) => (
    <button type="button" class="icon-button" aria-label={name} title={name} disabled={!enabled} onClick={act}>
      <Icon name={icon} />
    </button>
  );
  const shownAddress = whole ?? small;
  const transform = `translate(${look.x}px, ${look.y}px) scale(${look.scale}) rotate(${look.turns * 90}deg)`;
  return (
    <div class="viewer" onKeyDown={press}>
      <div class="viewer__stage" ref={stage} tabIndex={0} autofocus role="application" aria-label={label} aria-describedby="viewer-keys" {...gestures}>
        {shownAddress && (
          <img class={`viewer__img${look.turns % 2 === 1 ? " viewer__img--turned" : ""}`} src={shownAddress} alt={label} style={{ transform }} draggable={false} />
        )}
        {error !== null && (
          <p class="viewer__error" role="alert">
            {t.viewer.unavailable}{" "}
            <button type="button" class="button button--small" onClick={retry}>
              {t.common.retry}
            </button>
          </p>
        )}
      </div>
      <p class="visually-hidden" id="viewer-keys">
        {t.viewer.keys}
      </p>
      <div class="viewer__tools" role="toolbar" aria-label={label}>
        {button("back", t.viewer.previous, () => go(-1), hasBefore)}
        {button("zoomOut", t.viewer.zoomOut, () => setLook(zoomed(look, 1 / 1.5)), look.scale > 1)}
        {button("zoomIn", t.viewer.zoomIn, () => setLook(zoomed(look, 1.5)))}
        {button("rotate", t.viewer.rotate, () => setLook(turned(look)))}
        {button("download", t.viewer.save, () => setSaving(true))}
        <span class="viewer__next">{button("back", t.viewer.next, () => go(1), hasAfter)}</span>
      </div>
      {saving && (
        <Confirm title={t.viewer.saveTitle} text={t.viewer.saveText} action={t.viewer.save} onConfirm={() => void save(desk, shown)} onClose={() => setSaving(false)} />
      )}
    </div>
  );
}

async function save(desk: Desk, { message, index }: Shown): Promise<void> {
  const bytes = await desk.act((engine) => engine.fetchFile(message.cid, message.seq, index));
  if (bytes) saveAs(bytes, keptName(message.attachments[index]?.name || "photo.jpg", "jpg"), "image/jpeg");
}

type Change = (change: (look: Look) => Look) => void;

/** One finger moves, two make larger or smaller, two taps enlarge; the wheel too. */
function useGestures(stage: { current: HTMLElement | null }, change: Change) {
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  const fromMiddle = (x: number, y: number): { x: number; y: number } => {
    const box = stage.current?.getBoundingClientRect();
    return box ? { x: x - box.left - box.width / 2, y: y - box.top - box.height / 2 } : { x: 0, y: 0 };
  };
  const apart = (): number => {
    const [a, b] = [...fingers.current.values()];
    return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
  };
  const lift = (event: PointerEvent): void => void fingers.current.delete(event.pointerId);
  return {
    onPointerDown: (event: PointerEvent) => {
      (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
      fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    },
    onPointerMove: (event: PointerEvent) => {
      const before = fingers.current.get(event.pointerId);
      if (!before) return;
      const wide = apart();
      fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (fingers.current.size === 1) change((look) => movedBy(look, event.clientX - before.x, event.clientY - before.y));
      else if (wide > 0) change((look) => zoomed(look, apart() / wide, fromMiddle(event.clientX, event.clientY)));
    },
    onPointerUp: lift,
    onPointerCancel: lift,
    onDblClick: (event: MouseEvent) =>
      change((look) => (look.scale > 1 ? { ...look, scale: 1, x: 0, y: 0 } : zoomed(look, 2.5, fromMiddle(event.clientX, event.clientY)))),
    onWheel: (event: WheelEvent) => change((look) => zoomed(look, event.deltaY < 0 ? 1.15 : 1 / 1.15, fromMiddle(event.clientX, event.clientY))),
  };
}
