/** What a server answers over HTTP in unit tests: a token, and what the test lays down; everything else is not found. */

import { encode, type Packed } from "../msgpack.js";
import type { Platform } from "../platform.js";

export class HttpAnswers {
  /** By path, without the query. */
  readonly answers = new Map<string, Packed>([["/api/chat/token", { token: "t" }]]);
  /** By path: codes of refusals that come before the answer, one each time. */
  readonly refusals = new Map<string, string[]>();
  /** Every path that was asked for. */
  readonly asked: string[] = [];
  isDown = false;

  readonly fetch: Platform["fetch"] = async (input) => {
    const path = new URL(input).pathname;
    this.asked.push(path);
    if (this.isDown) throw new TypeError("no network");
    const refusal = this.refusals.get(path)?.shift();
    if (refusal !== undefined) return new Response(encode({ code: refusal, text: "", params: {} }), { status: 503 });
    const answer = this.answers.get(path);
    if (answer !== undefined) return new Response(encode(answer));
    return new Response(encode({ code: "not_found", text: "", params: {} }), { status: 404 });
  };
}
