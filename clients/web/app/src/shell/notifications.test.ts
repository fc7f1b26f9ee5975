import { describe, expect, test } from "vitest";

import type { Message } from "../engine/api.js";
import { shellFr } from "../texts/shell.fr.js";
import { notificationOf } from "./notifications.js";

const t = shellFr.notify;
const MESSAGE: Message = {
  ...{ cid: "c1", seq: 4, mid: "m", uid: "u", did: "d", isMine: false, sentAtMs: 0, depositedAtMs: 0, type: "text" },
  ...{ text: "Plaie de M. Durand", attachments: [], refused: "", isDeleted: false, deletedAtMs: null, urgent: false },
  ...{ mentions: [], editedAtMs: null, versions: [], reactions: [], quote: null, alarm: null },
};
const CLAIRE = "Claire TÉMOIN";

describe("a notification", () => {
  test("says nothing about anybody unless it was asked to", () => {
    expect(notificationOf(MESSAGE, CLAIRE, "nothing", t)).toEqual({ title: "Nouveau message", body: "" });
    expect(notificationOf({ ...MESSAGE, urgent: true }, CLAIRE, "nothing", t)).toEqual({ title: "Message urgent", body: "" });
  });

  test("names who wrote, and what, at the levels that say so", () => {
    expect(notificationOf(MESSAGE, CLAIRE, "name", t)).toEqual({ title: "Nouveau message", body: "Message de Claire TÉMOIN" });
    expect(notificationOf(MESSAGE, CLAIRE, "text", t)).toEqual({ title: CLAIRE, body: "Plaie de M. Durand" });
    expect(notificationOf({ ...MESSAGE, urgent: true }, CLAIRE, "text", t)?.title).toBe(`Message urgent · ${CLAIRE}`);
  });

  test.each([{ isMine: true }, { isDeleted: true }, { refused: "bad_signature" }, { type: "name" }])("is not given for %o", (change) => {
    expect(notificationOf({ ...MESSAGE, ...change }, CLAIRE, "text", t)).toBeNull();
  });

  test("is never given when it is off", () => {
    expect(notificationOf({ ...MESSAGE, urgent: true }, CLAIRE, "off", t)).toBeNull();
  });
});
