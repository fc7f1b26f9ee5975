/** A photo before it leaves: blur, arrows, caption, quality.  What is sent is made anew from the pixels shown here. */
import { useEffect, useRef, useState } from "preact/hooks";
import { decode, paint, reduce } from "../../photo/canvas.js";
import { BLANK, type Drawing, type MarkKind, type Point, added, drawn, nudged, removed, selectedNext, undone } from "../../photo/marks.js";
import { DIAGNOSTIC, STANDARD } from "../../photo/plan.js";
import { Dialog } from "../parts/dialog.js";
import { Icon } from "../parts/icons.js";
import { usePlace } from "../place.js";
import type { Picked } from "./attach.js";
import type { SheetProps } from "./pdf-sheet.js";

/** Enough for any screen that a photo is marked on. */
const SHOWN_PX = 1400;

export function PhotoEditor({ picked, conversation, urgent, reply, place, onDone }: SheetProps) {
  const { t, desk } = usePlace();
  const bitmap = useBitmap(picked, () => onDone(false));
  const [drawing, setDrawing] = useState<Drawing>(BLANK);
  const [tool, setTool] = useState<MarkKind>("blur");
  const [caption, setCaption] = useState("");
  const [diagnostic, setDiagnostic] = useState(false);
  const [busy, setBusy] = useState(false);
  const { cid } = conversation;
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!bitmap || busy) return;
    setBusy(true);
    const photo = await desk.act(() => reduce(bitmap, drawing, diagnostic ? DIAGNOSTIC : STANDARD));
    setBusy(false);
    if (!photo) return;
    const { thumbnail, width, height } = photo;
    onDone(true);
    const options = { urgent, reply, thumbnail, width, height };
    void desk.write(cid, (engine) => engine.sendFile(cid, photo.content, "photo.jpg", caption.trim(), options));
  };
  const title = place.count > 1 ? t.photo.titleOf(place.at, place.count) : t.photo.title;
  return (
    <Dialog title={title} kind="full" onClose={() => onDone(false)}>
      <form class="editor" onSubmit={(event: Event) => void send(event)}>
        <Tools {...{ tool, setTool, drawing, setDrawing }} />
        <div class="editor__stage">
          {bitmap ? <Marker {...{ bitmap, drawing, setDrawing, tool }} /> : <p class="empty">{t.common.loading}</p>}
        </div>
        <div class="editor__foot">
          <p class="hint" id="editor-hint">
            {t.photo.canvasHint}
          </p>
          <label class="check">
            <input type="checkbox" checked={diagnostic} onChange={(event: Event) => setDiagnostic((event.currentTarget as HTMLInputElement).checked)} />
            <span>
              <b>
                {t.photo.quality} : {t.photo.diagnostic.toLowerCase()}
              </b>{" "}
              <span class="hint">{t.photo.diagnosticHint}</span>
            </span>
          </label>
          <div class="editor__line">
            <input
              class="text-input"
              aria-label={t.photo.caption}
              placeholder={t.photo.caption}
              value={caption}
              onInput={(event: Event) => setCaption((event.currentTarget as HTMLInputElement).value)}
            />
            <button type="submit" class="button" disabled={!bitmap || busy}>
              {busy ? t.photo.preparing : t.photo.send}
            </button>
          </div>
          <p class="hint hint--small">{t.photo.stripped}</p>
        </div>
      </form>
    </Dialog>
  );
}

/** The picture in a file; `onFailed` if there is none. */
function useBitmap(picked: Picked, onFailed: () => void): ImageBitmap | null {
  const { desk } = usePlace();
  const [bitmap, setBitmap] = useState<ImageBitmap | null>(null);
  useEffect(() => {
    let here = true;
    let opened: ImageBitmap | undefined;
    void desk.act(() => decode(picked.bytes)).then((made) => {
      opened = made;
      if (!here) made?.close();
      else if (made) setBitmap(made);
      else onFailed();
    });
    return () => {
      here = false;
      opened?.close();
    };
  }, [picked]);
  return bitmap;
}

interface ToolsProps {
  readonly tool: MarkKind;
  readonly setTool: (tool: MarkKind) => void;
  readonly drawing: Drawing;
  readonly setDrawing: (drawing: Drawing) => void;
}

function Tools({ tool, setTool, drawing, setDrawing }: ToolsProps) {
  const { t } = usePlace();
  const choice = (kind: MarkKind, label: string) => (
    <button type="button" class="chip" aria-pressed={tool === kind} onClick={() => setTool(kind)}>
      <Icon name={kind} /> {label}
    </button>
  );
  return (
    <div class="editor__tools" role="toolbar" aria-label={t.photo.canvas}>
      {choice("blur", t.photo.blur)}
      {choice("arrow", t.photo.arrow)}
      <button type="button" class="chip" onClick={() => setDrawing(added(drawing, tool))}>
        <Icon name="plus" /> {tool === "blur" ? t.photo.addBlur : t.photo.addArrow}
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label={t.photo.undo}
        title={t.photo.undo}
        disabled={drawing.past.length === 0}
        onClick={() => setDrawing(undone(drawing))}
      >
        <Icon name="undo" />
      </button>
    </div>
  );
}

interface MarkerProps {
  readonly bitmap: ImageBitmap;
  readonly drawing: Drawing;
  readonly setDrawing: (drawing: Drawing) => void;
  readonly tool: MarkKind;
}

/** The picture itself: strokes by pointer, the selected mark by keys. */
function Marker({ bitmap, drawing, setDrawing, tool }: MarkerProps) {
  const { t } = usePlace();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [stroke, setStroke] = useState<{ from: Point; to: Point } | null>(null);
  const shown = stroke ? drawn(drawing, tool, stroke.from, stroke.to) : drawing;
  useEffect(() => {
    if (canvas.current) paint(canvas.current, bitmap, shown, SHOWN_PX);
  }, [bitmap, shown]);
  const pointOf = (event: PointerEvent): Point => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  };
  const press = (event: KeyboardEvent): void => {
    const next =
      event.key === "Delete" || event.key === "Backspace"
        ? removed(drawing)
        : event.key === "Tab" && drawing.marks.length > 0
          ? selectedNext(drawing, event.shiftKey ? -1 : 1)
          : event.key === "z" && (event.ctrlKey || event.metaKey)
            ? undone(drawing)
            : nudged(drawing, event.key, event.shiftKey);
    if (!next || (event.key === "Tab" && next.selected < 0)) return;
    event.preventDefault();
    setDrawing(next);
  };
  const mark = drawing.marks[drawing.selected];
  const said = mark ? t.photo.mark(mark.kind === "blur" ? t.photo.blur : t.photo.arrow, drawing.selected + 1, drawing.marks.length) : "";
  return (
    <>
      <canvas
        ref={canvas}
        class="editor__canvas"
        tabIndex={0}
        role="application"
        aria-label={t.photo.canvas}
        aria-describedby="editor-hint"
        onKeyDown={press}
        onPointerDown={(event: PointerEvent) => {
          (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
          const from = pointOf(event);
          setStroke({ from, to: from });
        }}
        onPointerMove={(event: PointerEvent) => stroke && setStroke({ from: stroke.from, to: pointOf(event) })}
        onPointerUp={() => {
          if (stroke) setDrawing(drawn(drawing, tool, stroke.from, stroke.to));
          setStroke(null);
        }}
        onPointerCancel={() => setStroke(null)}
      />
      <p class="visually-hidden" role="status">
        {said}
      </p>
    </>
  );
}
