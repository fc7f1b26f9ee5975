/** The button beside the field: photo by camera, file, urgent, alarming result; and files dropped or pasted. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Conversation, Mid, Uid } from "../../engine/api.js";
import { type FileKind, accept } from "../../photo/accept.js";
import { type Action, ActionSheet } from "../parts/dialog.js";
import { Icon } from "../parts/icons.js";
import { usePlace } from "../place.js";
import { Lazy } from "../parts/lazy.js";
import { AlarmForm } from "./alarm-form.js";
import { PdfSheet } from "./pdf-sheet.js";

export interface AttachHandle {
  open(): void;
  take(files: readonly File[]): void;
}

export interface Picked {
  readonly kind: FileKind;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly name: string;
}

interface AttachProps {
  readonly conversation: Conversation;
  readonly own: Uid;
  readonly handle: { current: AttachHandle | null };
  readonly urgent: boolean;
  readonly reply: Mid | null;
  readonly onUrgent: () => void;
  readonly onSent: () => void;
}

const TYPES = "image/jpeg,image/png,image/heic,image/heif,image/webp,application/pdf";

export function Attach({ conversation, own, handle, urgent, reply, onUrgent, onSent }: AttachProps) {
  const { t } = usePlace();
  const [menu, setMenu] = useState(false);
  const [alarm, setAlarm] = useState(false);
  const { queue, taken, take, shift } = usePicked();
  const camera = useRef<HTMLInputElement>(null);
  const chooser = useRef<HTMLInputElement>(null);

  handle.current = { open: () => setMenu(true), take: (files) => void take(files) };
  const dropping = useDrop((files) => void take(files));
  const input = (ref: { current: HTMLInputElement | null }, types: string, capture: boolean) => (
    <input
      ref={ref}
      type="file"
      hidden
      accept={types}
      multiple={!capture}
      {...(capture ? { capture: "environment" as const } : {})}
      onChange={(event: Event) => {
        const element = event.currentTarget as HTMLInputElement;
        void take([...(element.files ?? [])]);
        element.value = "";
      }}
    />
  );
  const actions: Action[] = [
    { label: t.composer.camera, icon: "camera", act: () => camera.current?.click() },
    { label: t.composer.file, icon: "photo", act: () => chooser.current?.click() },
    { label: urgent ? t.composer.notUrgent : t.composer.urgent, icon: "urgent", act: onUrgent },
    ...(conversation.members.length > 1
      ? [{ label: t.composer.alarm, icon: "alarm", danger: true, act: () => queueMicrotask(() => setAlarm(true)) } as const]
      : []),
  ];
  const [first] = queue;
  const at = taken - queue.length + 1;
  const next = (sent: boolean): void => {
    shift();
    if (sent) onSent();
  };
  const sheet = { conversation, urgent, reply: at === 1 ? reply : null, onDone: next, place: { at, count: taken } };
  return (
    <>
      <button type="button" class="icon-button" aria-label={t.composer.attach} title={t.composer.attach} onClick={() => setMenu(true)}>
        <Icon name="plus" />
      </button>
      {input(camera, "image/*", true)}
      {input(chooser, TYPES, false)}
      {dropping && (
        <div class="drop" aria-hidden="true">
          <p>{t.composer.drop}</p>
        </div>
      )}
      {menu && <ActionSheet title={t.composer.attach} actions={actions} onClose={() => setMenu(false)} />}
      {alarm && <AlarmForm conversation={conversation} own={own} onClose={() => setAlarm(false)} onSent={onSent} />}
      {first?.kind === "pdf" && <PdfSheet key={at} picked={first} {...sheet} />}
      {first && first.kind !== "pdf" && <Lazy key={at} load={loadEditor} props={{ picked: first, ...sheet }} />}
    </>
  );
}

const loadEditor = () => import("./photo-editor.js").then((made) => made.PhotoEditor);

/** The files chosen, one after the other, each read and judged by its content. */
function usePicked() {
  const { desk } = usePlace();
  const [held, setHeld] = useState<{ readonly queue: readonly Picked[]; readonly taken: number }>({ queue: [], taken: 0 });
  const take = async (files: readonly File[]): Promise<void> => {
    const picked: Picked[] = [];
    for (const file of files) {
      const one = await desk.act(async () => {
        const bytes = new Uint8Array(await file.arrayBuffer());
        return { kind: accept(bytes, file.name), bytes, name: file.name };
      });
      if (one) picked.push(one);
    }
    // Dropped while another is being looked at: they come after it.
    setHeld(({ queue, taken }) => ({ queue: [...queue, ...picked], taken: (queue.length > 0 ? taken : 0) + picked.length }));
  };
  const shift = (): void => setHeld(({ queue, taken }) => ({ queue: queue.slice(1), taken }));
  return { ...held, take, shift };
}

/** True while files are held over the page; hands them over when they are let go. */
function useDrop(onFiles: (files: readonly File[]) => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(onFiles);
  latest.current = onFiles;
  useEffect(() => {
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
    const hold = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      setOver(false);
      if (!hasFiles(event)) return;
      event.preventDefault();
      latest.current([...(event.dataTransfer?.files ?? [])]);
    };
    addEventListener("dragover", hold);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", hold);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, []);
  return over;
}
