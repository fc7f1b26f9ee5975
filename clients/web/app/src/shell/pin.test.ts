import { expect, test } from "vitest";

import { pinProblem } from "./pin.js";

test.each([
  ["", "short"],
  ["12345", "short"],
  ["123456", "simple"],
  ["987654", "simple"],
  ["111111", "simple"],
  ["121212", "simple"],
  ["abcdefgh", "simple"],
  ["271828", null],
  ["190784", null],
  ["talon droit", null],
])("%s: %s", (pin, problem) => {
  expect(pinProblem(pin)).toBe(problem);
});
