/** Small pieces of the shell's views: fields, problems, choices. */
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Work } from "./context.js";

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly problem?: string | undefined;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: "text" | "password";
  readonly inputMode?: "numeric" | "text";
  readonly autocomplete?: string;
  readonly isCode?: boolean;
  readonly autofocus?: boolean;
  readonly disabled?: boolean;
  readonly maxLength?: number;
}

/** A labelled field with its hint and what is wrong with it. */
export function Field(props: FieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (props.autofocus) input.current?.focus();
  }, []);
  const described = [props.hint ? `${id}-hint` : "", props.problem ? `${id}-problem` : ""].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label class="field__label" for={id}>
        {props.label}
      </label>
      {props.hint && (
        <p class="field__hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
      <input
        ref={input}
        id={id}
        class={props.isCode ? "field__input field__input--code" : "field__input"}
        {...(props.type === "password" ? { type: "password" as const } : { type: "text" as const })}
        inputMode={props.inputMode ?? "text"}
        autocomplete={props.autocomplete ?? "off"}
        autocapitalize="off"
        spellcheck={false}
        maxLength={props.maxLength ?? 200}
        value={props.value}
        disabled={props.disabled ?? false}
        aria-invalid={props.problem ? "true" : "false"}
        {...(described ? { "aria-describedby": described } : {})}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      {props.problem && (
        <p class="field__problem" id={`${id}-problem`}>
          {props.problem}
        </p>
      )}
    </div>
  );
}

/** What went wrong, said at once by a screen reader. */
export function Problem({ text }: { readonly text: string }) {
  return (
    <div role="alert">{text && <p class="shell-problem">{text}</p>}</div>
  );
}

/** That something is going on. */
export function Busy({ text }: { readonly text: string }) {
  return (
    <div role="status">
      {text && (
        <p class="shell-busy">
          <span class="spinner" aria-hidden="true" />
          {text}
        </p>
      )}
    </div>
  );
}

interface StepProps {
  readonly work: Work;
  /** What is said while it runs. */
  readonly busy: string;
  /** The button that sends it; null: none does. */
  readonly go: string | null;
  readonly isReady?: boolean;
  readonly onGo: () => void;
  /** What else can be done, the way back last. */
  readonly ways: readonly (readonly [label: string, act: () => void] | false | null)[];
  readonly children: ComponentChildren;
}

/** One form with what goes on, what went wrong, and its buttons. */
export function Step({ work, busy, go, isReady = true, onGo, ways, children }: StepProps) {
  const submit = (event: Event): void => {
    event.preventDefault();
    if (go && isReady) onGo();
  };
  return (
    <form class="gate__form" noValidate onSubmit={submit}>
      {children}
      <Busy text={work.isRunning ? busy : ""} />
      <Problem text={work.problem} />
      <div class="shell-actions">
        {go && (
          <button class="button" disabled={work.isRunning || !isReady}>
            {go}
          </button>
        )}
        {ways.map(
          (way) =>
            way && (
              <button key={way[0]} type="button" class="button button--quiet" disabled={work.isRunning} onClick={way[1]}>
                {way[0]}
              </button>
            ),
        )}
      </div>
    </form>
  );
}

/** Something that can be copied, in large type. */
export function Shown({ text, copy, copied }: { readonly text: string; readonly copy: string; readonly copied: string }) {
  const [done, setDone] = useState(false);
  return (
    <p class="shown">
      <code class="shown__text">{text}</code>
      <button
        type="button"
        class="button button--quiet"
        onClick={() => void navigator.clipboard.writeText(text).then(() => setDone(true), () => setDone(false))}
      >
        {done ? copied : copy}
      </button>
    </p>
  );
}

/** A section of the settings. */
export function Section({ id, title, children }: { readonly id: string; readonly title: string; readonly children: ComponentChildren }) {
  return (
    <section class="settings__section" id={`settings-${id}`} aria-labelledby={`settings-${id}-title`}>
      <h2 id={`settings-${id}-title`}>{title}</h2>
      {children}
    </section>
  );
}

interface ChoiceProps<T extends string> {
  readonly legend: string;
  readonly options: Readonly<Record<T, string>>;
  readonly value: T;
  readonly onChoose: (value: T) => void;
}

/** One of a few, all of them in sight. */
export function Choice<T extends string>({ legend, options, value, onChoose }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      {(Object.entries(options) as [T, string][]).map(([key, label]) => (
        <label class="choice__one" key={key}>
          <input type="radio" name={name} checked={key === value} onChange={() => onChoose(key)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
