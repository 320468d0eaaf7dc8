// Latents in a hand, as an address says them: "mix_transplant_7_12*w_3_0.5*z_3_2_1.25".

const MOST_LATENT = 100; // of what a number may be

/** @typedef {import("./noise.js").Wish} Wish */

/** @param {Wish} wish */
export function writeWish({ mix, other, far, temperature, own }) {
  const parts = mix === "none" ? [] : [`mix_${mix}_${other}_${far}`];
  for (const [step, value] of Object.entries(temperature)) parts.push(`w_${step}_${value}`);
  for (const [place, value] of Object.entries(own)) parts.push(`z_${place.replace(":", "_")}_${value}`);
  return parts.join("*");
}

/** What an address says, or null where no film of so many steps and latents can follow it.
 * @param {string} text @param {number} numSteps @param {number} size @returns {Partial<Wish> | null} */
export function readWish(text, numSteps, size) {
  /** @type {any} */ const wish = { temperature: {}, own: {} };
  const inside = (/** @type {number} */ v, /** @type {number} */ low, /** @type {number} */ high) =>
    v >= low && v <= high;
  for (const part of text ? text.split("*") : []) {
    const [kind, ...rest] = part.split("_");
    const numbers = (kind === "mix" ? rest.slice(1) : rest).map((word) => (word === "" ? NaN : Number(word)));
    if (numbers.some((v) => !Number.isFinite(v))) return null;
    const [a, b, c] = numbers;
    if (kind === "mix" && ["transplant", "path"].includes(rest[0]) && numbers.length === 2) {
      if (!inside(a, 0, 2 ** 31 - 1) || !inside(b, 0, rest[0] === "path" ? 1 : numSteps)) return null;
      Object.assign(wish, { mix: rest[0], other: Math.round(a), far: b });
    } else if (kind === "w" && numbers.length === 2 && inside(a, 1, numSteps) && inside(b, 0, 2)) {
      wish.temperature[Math.round(a)] = b;
    } else if (
      kind === "z"
      && numbers.length === 3
      && inside(a, 1, numSteps)
      && inside(b, 0, size - 1)
      && inside(c, -MOST_LATENT, MOST_LATENT)
    ) {
      wish.own[`${Math.round(a)}:${Math.round(b)}`] = c;
    } else {
      return null;
    }
  }
  return wish;
}
