// Latents in a hand: z [T, Z] of one sample, put together from those of others. Stands alone.

/** What is asked of the latents: the sample that they are mixed with (seed), how, and how far; the temperature
 * of each step; and single numbers, by "step:latent".
 * @typedef {{ other: number, mix: "none" | "transplant" | "path", far: number,
 *   temperature: Record<number, number>, own: Record<string, number> }} Wish far: the step k after which the other
 *   sample goes on, or the share of the way to it */

/** Between two points on the great circle that joins them, each step by itself: the lengths change evenly, so
 * that what lies between is as likely as its ends. @param {Float32Array} a [T, Z] @param {Float32Array} b
 * @param {number} share 0 is a, 1 is b @param {number} size Z */
export function greatCircle(a, b, share, size) {
  const out = new Float32Array(a.length);
  for (let from = 0; from < a.length; from += size) {
    const [p, q] = [a.subarray(from, from + size), b.subarray(from, from + size)];
    const dot = (/** @type {Float32Array} */ u, /** @type {Float32Array} */ v) =>
      u.reduce((sum, x, k) => sum + x * v[k], 0);
    const [length, other] = [Math.sqrt(dot(p, p)), Math.sqrt(dot(q, q))];
    const cosine = length && other ? Math.min(1, Math.max(-1, dot(p, q) / (length * other))) : 1;
    const angle = Math.acos(cosine);
    const norm = (1 - share) * length + share * other;
    for (let k = 0; k < size; k++) {
      const [u, v] = [length ? p[k] / length : 0, other ? q[k] / other : 0];
      const turned =
        Math.sin(angle) < 1e-6
          ? (1 - share) * u + share * v
          : (Math.sin((1 - share) * angle) * u + Math.sin(share * angle) * v) / Math.sin(angle);
      out[from + k] = norm * turned;
    }
  }
  return out;
}

/** Steps 1..k of one sample, the rest of another. @param {Float32Array} a [T, Z] @param {Float32Array} b
 * @param {number} k @param {number} size Z */
export function transplant(a, b, k, size) {
  const out = Float32Array.from(b);
  out.set(a.subarray(0, k * size));
  return out;
}

/** The latents that a wish makes of a sample's. @param {Float32Array} a [T, Z] @param {Float32Array} b of the other
 * @param {Wish} wish @param {number} size Z @returns {Float32Array} */
export function wished(a, b, { mix, far, temperature, own }, size) {
  let out = Float32Array.from(a);
  if (mix === "transplant") out = transplant(a, b, far, size);
  if (mix === "path") out = greatCircle(a, b, far, size);
  for (const [step, factor] of Object.entries(temperature)) {
    for (let i = (Number(step) - 1) * size; i < Number(step) * size; i++) out[i] *= factor;
  }
  for (const [place, value] of Object.entries(own)) {
    const [step, k] = place.split(":").map(Number);
    out[(step - 1) * size + k] = value;
  }
  return out;
}

/** Whether a wish leaves the latents as they are. @param {Wish} wish */
export const wishesNothing = ({ mix, temperature, own }) =>
  mix === "none" && !Object.keys(temperature).length && !Object.keys(own).length;
