// The files of a question: taken or chosen, made small, sent at once; shown with what they lack, taken away, taken again.

import { stamp } from "./answers.js";
import { canTake, takePhoto } from "./camera.js";
import { reduce } from "./picture.js";
import { element, say } from "./words.js";

const warningsOf = (warnings) => (warnings.length ? [...warnings.map((name) => say(name)), say("sendAnyway")] : []);

/** Every question of `form` that takes files. */
export function preparePhotos(form, draft) {
  for (const field of form.querySelectorAll("[data-files]")) new Photos(form, draft, field);
}

class Photos {
  #form;
  #draft;
  #field;
  #input;
  #list = element("ul", "photos");
  #status = element("p", "field__hint");
  #rank = 0;

  constructor(form, draft, field) {
    [this.#form, this.#draft, this.#field] = [form, draft, field];
    this.#input = field.querySelector('input[type="file"]');
    this.#status.setAttribute("role", "status");
    for (const given of field.querySelectorAll("[data-file]")) {
      this.#show({ name: given.dataset.name, ref: given.dataset.file, url: `${form.dataset.save.replace(/brouillon$/, "pieces/")}${given.dataset.file}` });
      given.remove();
    }
    this.#input.before(this.#list);
    this.#input.after(this.#status);
    this.#input.addEventListener("change", () => this.#chosen());
    if (field.dataset.guide && canTake()) this.#offerCamera();
  }

  get #most() {
    return Number(this.#field.dataset.atMost ?? Infinity);
  }

  #count() {
    return this.#list.querySelectorAll("[data-photo]").length;
  }

  #offerCamera() {
    // The gallery stays in reach: the button opens the camera, the chooser no longer has to.
    this.#input.removeAttribute("capture");
    const button = element("button", "button button--secondary photos__take", say("takePhoto"), { type: "button" });
    button.addEventListener("click", () => this.#take());
    this.#list.after(button);
  }

  #hasRoom() {
    if (this.#count() < this.#most) return true;
    this.#status.textContent = say("tooMany", { most: this.#most });
    return false;
  }

  async #take(instead = null) {
    if (!instead && !this.#hasRoom()) return;
    let file;
    try {
      file = await takePhoto(this.#field.dataset.guide, async (one) => warningsOf((await reduce(one))?.warnings ?? []));
    } catch {
      this.#status.textContent = say("noCamera");
      this.#input.focus();
      return;
    }
    if (!file) return;
    if (instead) await this.#remove(instead, false);
    await this.#add(file);
  }

  async #chosen() {
    const files = [...this.#input.files];
    this.#input.value = "";
    this.#status.textContent = "";
    for (const file of files) if (this.#hasRoom()) await this.#add(file);
  }

  async #add(file) {
    const looksLikePicture = file.type.startsWith("image/");
    const made = looksLikePicture ? await reduce(file) : null;
    const blob = made?.blob ?? file;
    const name = made ? `${file.name.replace(/\.[^.]{1,5}$/, "")}.jpg` : file.name;
    const shown = this.#show({ name, blob, url: made ? URL.createObjectURL(blob) : "", warnings: made?.warnings ?? [] });
    stamp(this.#form, this.#field, this.#input.name);
    await this.#send(shown);
  }

  #send(shown) {
    shown.state.textContent = say("waiting");
    return this.#draft.upload(this.#input.name, shown.blob, shown.name, {
      progress: (percent) => {
        shown.state.textContent = percent === null ? say("waiting") : say("sending", { percent });
      },
      done: (answer, ref) => {
        const refusal = answer.refused?.[0]?.text ?? (answer.status ? answer.message : "");
        shown.state.textContent = refusal;
        shown.state.className = refusal ? "field__error" : "field__hint";
        if (refusal) delete shown.line.dataset.photo;
        else shown.ref = ref;
      },
    });
  }

  /** One file in the list. */
  #show({ name, ref = "", url = "", blob = null, warnings = [] }) {
    this.#rank += 1;
    const shown = { name, ref, blob, line: element("li"), state: element("span", "field__hint") };
    shown.line.dataset.photo = "";
    shown.state.dataset.state = "";
    const label = say("photo", { rank: this.#rank });
    const isPicture = url && /\.jpg$/i.test(name);
    if (isPicture) shown.line.append(element("img", "", "", { src: url, alt: label, loading: blob ? "eager" : "lazy" }));
    shown.line.append(element("span", "photos__name", name));
    for (const words of warningsOf(warnings)) shown.line.append(element("span", "field__note field__note--warning", words));
    shown.line.append(shown.state);
    const remove = element("button", "button button--quiet", say("remove"), { type: "button" });
    remove.append(element("span", "visually-hidden", ` ${label}`));
    remove.addEventListener("click", () => this.#remove(shown, true));
    shown.line.append(remove);
    if (isPicture && this.#field.dataset.guide && canTake()) {
      const again = element("button", "button button--quiet", say("retake"), { type: "button" });
      again.append(element("span", "visually-hidden", ` ${label}`));
      again.addEventListener("click", () => this.#take(shown));
      shown.line.append(again);
    }
    this.#list.append(shown.line);
    return shown;
  }

  /** Take it away; a slip is undone by sending the same picture again. */
  async #remove(shown, canUndo) {
    const url = shown.line.querySelector("img")?.src ?? "";
    if (canUndo && shown.ref && !shown.blob && url) shown.blob = await (await fetch(url)).blob();
    shown.line.remove();
    this.#status.textContent = say("removed");
    if (canUndo && shown.blob) {
      const undo = element("button", "button button--quiet", say("undo"), { type: "button" });
      undo.addEventListener("click", () => {
        this.#status.textContent = "";
        const back = this.#show({ name: shown.name, blob: shown.blob, url: URL.createObjectURL(shown.blob) });
        this.#send(back);
        back.line.querySelector("button").focus();
      });
      this.#status.append(" ", undo);
      undo.focus();
    }
    if (shown.ref) await this.#draft.remove(shown.ref);
  }
}
