/**
 * A window over the page, by the browser's own `<dialog>`: it keeps the focus, closes with Escape, gives the focus
 * back.  On a phone it comes from below (`sheet`) or fills the screen (`full`).
 */
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { usePlace } from "../place.js";
import { Icon } from "./icons.js";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly kind?: "card" | "sheet" | "full";
  /** Beside the title. */
  readonly actions?: ComponentChildren;
}

export function Dialog({ title, onClose, children, kind = "card", actions }: DialogProps) {
  const { t } = usePlace();
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before anything else is heard: what is typed behind the key that opens it belongs to it.
  useLayoutEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    if (!element) return undefined;
    element.showModal();
    // The browser would choose the cross, and draw its ring: the title says first what this is.
    if (!element.querySelector("[autofocus]")) element.querySelector<HTMLElement>(".dialog__title")?.focus();
    return () => {
      element.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`dialog dialog--${kind}`}
      aria-labelledby={id}
      onCancel={(event: Event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event: PointerEvent) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="dialog__body">
        <header class="dialog__head">
          <h2 class="dialog__title" id={id} tabIndex={-1}>
            {title}
          </h2>
          {actions}
          <button type="button" class="icon-button" aria-label={t.common.close} title={t.common.close} onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly danger?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** A question with one act; the way out comes first in the order of the keyboard. */
export function Confirm({ title, text, action, danger = false, onConfirm, onClose }: ConfirmProps) {
  const { t } = usePlace();
  return (
    <Dialog title={title} onClose={onClose}>
      <p class="dialog__text">{text}</p>
      <div class="dialog__actions">
        <button type="button" class="button button--quiet" onClick={onClose}>
          {t.common.cancel}
        </button>
        <button
          type="button"
          class={danger ? "button button--danger" : "button"}
          onClick={() => {
            onClose();
            onConfirm();
          }}
        >
          {action}
        </button>
      </div>
    </Dialog>
  );
}

export interface Action {
  readonly label: string;
  readonly icon: Parameters<typeof Icon>[0]["name"];
  readonly act: () => void;
  readonly danger?: boolean;
}

/** A list of things to do with something. */
export function ActionSheet({ title, actions, onClose, children }: { title: string; actions: readonly Action[]; onClose: () => void; children?: ComponentChildren }) {
  return (
    <Dialog title={title} kind="sheet" onClose={onClose}>
      {children}
      <ul class="actions">
        {actions.map((action) => (
          <li key={action.label}>
            <button
              type="button"
              class={action.danger ? "action action--danger" : "action"}
              onClick={() => {
                onClose();
                action.act();
              }}
            >
              <Icon name={action.icon} />
              <span>{action.label}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
