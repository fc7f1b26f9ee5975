/** What makes a PIN too easy.  Pure; the rest is done by its stretching (`engine/store/keys`). */

const SHORTEST = 6;
const FEWEST_CHARACTERS = 3;

/** "short", "simple", or null: it will do. */
export function pinProblem(pin: string): "short" | "simple" | null {
  const characters = [...pin.normalize("NFKC")];
  if (characters.length < SHORTEST) return "short";
  const steps = new Set(characters.slice(1).map((one, place) => (one.codePointAt(0) ?? 0) - (characters[place]?.codePointAt(0) ?? 0)));
  const [step = 0] = steps;
  const isSequence = steps.size === 1 && Math.abs(step) <= 1;
  return isSequence || new Set(characters).size < FEWEST_CHARACTERS ? "simple" : null;
}
