// A draft kept on the server while one types.  One call at a time; what fails is tried again, and kept sealed in this
// browser meanwhile; the server merges answer by answer, so that nothing written elsewhere is undone.

import { refresh } from "./answers.js";
import { forget, keep, kept } from "./keep.js";
import { followLinks, showConsequences, showNext, showNotes, showProgress } from "./progress.js";
import { element, say } from "./words.js";

const WAIT_MS = 800;
const RETRY_MS = 6_000;
const RESTORED = "miss.draft.restored";

export class Draft {
  #form;
  #timer = 0;
  #unsaved = false;
  #working = null;
  /** Photographs on their way: { data, progress, done }. */
  #waiting = [];
  #leaving = false;

  constructor(form) {
    this.#form = form;
    form.querySelector("[data-draft-bar]").hidden = false;
    showNext(form, [...form.querySelectorAll("[data-missing-list] li")].map((line) => ({
      target: line.querySelector("a")?.hash.slice(1) ?? "",
    })));
    showConsequences(form);
    followLinks();
    form.addEventListener("input", () => this.#changed(WAIT_MS));
    form.addEventListener("change", (event) => {
      showConsequences(form);
      if (event.target.type !== "file") this.#changed(WAIT_MS / 4);
    });
    form.addEventListener("submit", (event) => this.#submit(event));
    addEventListener("online", () => this.flush());
    addEventListener("focus", () => this.#hasWork() && this.flush());
    addEventListener("pagehide", () => this.#leave());
    // A photograph that is still on its way is nowhere but here.
    addEventListener("beforeunload", (event) => this.#waiting.length && !this.#leaving && event.preventDefault());
    this.#takeBack();
  }

  /** Send one file for the question `name`; `done` hears the server's answer, or null while it has to wait. */
  upload(name, blob, fileName, { progress, done }) {
    const key = crypto.randomUUID?.() ?? `page-${Date.now()}-${Math.random().toString(36).slice(2)}`;
    const data = this.#about();
    data.set("submission_key", key);
    data.set(name, blob, fileName);
    this.#waiting.push({ data, progress, done: (answer) => done(answer, `${key}-1`) });
    this.#mark();
    return this.flush();
  }

  /** Take a file away. */
  remove(ref) {
    const data = this.#about();
    data.set("remove", ref);
    this.#waiting.push({ data, done: () => {} });
    this.#mark();
    return this.flush();
  }

  /** Send what waits; true once nothing does. */
  async flush() {
    clearTimeout(this.#timer);
    this.#working = (this.#working ?? Promise.resolve()).then(() => this.#work()).finally(() => this.#mark());
    return this.#working;
  }

  #changed(wait) {
    this.#unsaved = true;
    this.#mark();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), wait);
  }

  /** `data-unsent` on the form, from the first change until everything is on the server. */
  #mark() {
    this.#form.toggleAttribute("data-unsent", this.#hasWork());
  }

  #hasWork() {
    return this.#unsaved || this.#waiting.length > 0;
  }

  /** What goes with every call: whose page, on which form, in which zone. */
  #about() {
    const data = new FormData();
    for (const name of ["formulaire", "zone"]) data.set(name, this.#form.elements[name].value);
    data.set("merge", "1");
    return data;
  }

  /** Every answer of the page and when it was touched; files travel alone. */
  #answers() {
    const data = new FormData(this.#form);
    const pairs = [...data].filter(([name, value]) => typeof value === "string" && name !== "remove");
    return [...pairs.filter(([name]) => name !== "submission_key"), ["merge", "1"]];
  }

  async #work() {
    while (this.#hasWork()) {
      const isText = this.#unsaved;
      const pairs = isText ? this.#answers() : [];
      const job = isText ? { data: formData(pairs), done: () => {} } : this.#waiting[0];
      this.#unsaved = false;
      job.data.set("revision", this.#form.elements.revision.value);
      if (isText) this.#tell(say("saving"));
      try {
        const answer = await post(this.#form.dataset.save, job.data, job.progress);
        if (!isText) this.#waiting.shift();
        job.done(answer);
        this.#show(answer);
      } catch (failure) {
        this.#unsaved ||= isText;
        job.progress?.(null);
        if (!failure.again) {
          if (isText) this.#unsaved = false;
          else this.#waiting.shift();
          job.done(failure);
          this.#tell(say("failed", { reason: failure.message }), location.href, say("reload"));
          return false;
        }
        if (this.#unsaved) await keep(this.#form, this.#answers());
        this.#tellFailure(failure);
        this.#timer = setTimeout(() => this.flush(), RETRY_MS);
        return false;
      }
    }
    forget(this.#form);
    return true;
  }

  #show(answer) {
    this.#form.elements.revision.value = answer.revision;
    showProgress(this.#form, answer.progress);
    showNotes(this.#form, answer.notes);
    const lang = document.documentElement.lang;
    const time = new Date().toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit" });
    if (answer.moved) this.#tell(say("moved"), location.href, say("reload"));
    else this.#tell(say("saved", { time }));
  }

  #tellFailure(failure) {
    if (failure.status === 401) this.#tell(say("signedOut"), "/connexion", say("signIn"), "_blank");
    else if (failure.status) this.#tell(say("failed", { reason: failure.message }));
    else this.#tell(say("offline"));
  }

  #tell(words, href = "", label = "", target = "") {
    const place = this.#form.querySelector("[data-status]");
    const link = href ? [" ", element("a", "", label, { href, target, rel: target ? "noopener" : "" })] : [];
    place.replaceChildren(words, ...link);
  }

  /** What this browser kept when it could not reach us is sent now; the page is read again with it. */
  async #takeBack() {
    if (sessionStorage.getItem(RESTORED)) {
      sessionStorage.removeItem(RESTORED);
      this.#tell(say("restored"));
    }
    const pairs = await kept(this.#form);
    if (!pairs) return;
    try {
      await post(this.#form.dataset.save, formData(pairs.filter(([name]) => name !== "revision")));
    } catch (failure) {
      if (failure.again) return;
    }
    forget(this.#form);
    sessionStorage.setItem(RESTORED, "1");
    this.#leaving = true;
    location.reload();
  }

  /** Everything first, then the form itself, which the server judges whole. */
  async #submit(event) {
    event.preventDefault();
    refresh(this.#form);
    this.#unsaved = true;
    if (!(await this.flush())) return;
    this.#form.append(element("input", "", "", { type: "hidden", name: "merge", value: "1" }));
    this.#leaving = true;
    this.#form.submit();
  }

  /** Leaving in the middle of a word. */
  #leave() {
    if (this.#leaving || !this.#unsaved) return;
    navigator.sendBeacon(this.#form.dataset.save, formData(this.#answers()));
  }
}

function formData(pairs) {
  const data = new FormData();
  for (const [name, value] of pairs) data.append(name, value);
  return data;
}

/** The server's answer.  Throws { again, status, message }: whether trying again may help, and what it said. */
function post(url, data, progress) {
  return new Promise((resolve, reject) => {
    // XMLHttpRequest: fetch tells nothing of how much has left.
    const call = new XMLHttpRequest();
    call.open("POST", url);
    call.setRequestHeader("Accept", "application/json");
    call.responseType = "json";
    call.timeout = 120_000;
    if (progress) call.upload.onprogress = (event) => progress(Math.round((100 * event.loaded) / event.total));
    call.onload = () => {
      if (call.status === 200 && call.response?.progress) return resolve(call.response);
      const again = call.status === 401 || call.status === 403 || call.status === 429 || call.status >= 500;
      reject({ again, status: call.status, message: call.response?.text ?? String(call.status) });
    };
    call.onerror = call.ontimeout = () => reject({ again: true, status: 0, message: "" });
    call.send(data);
  });
}
