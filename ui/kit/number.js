// Numbers: their bounds, and how they are written.

/** @param {number} value @param {number} low @param {number} high */
export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** @param {Iterable<number>} values */
export function sum(values) {
  let all = 0;
  for (const value of values) all += value;
  return all;
}

/** With a minus sign instead of a hyphen. @param {string} text */
export const withMinus = (text) => text.replaceAll("-", "−");

/** A number with so many digits after the point. What an untrained network says may be too large to
 * be written out.
 * @param {number} value @param {number} digits */
export function fixed(value, digits = 2) {
  const text = Math.abs(value) < 1e5 ? value.toFixed(digits) : value.toExponential(1);
  return Number(text) === 0 ? text.replace("-", "") : withMinus(text);
}

/** The smallest of some round numbers, times a power of ten, that is at least `value`.
 * @param {number} value @param {number[]} round */
export function roundUp(value, round = [1, 2, 5, 10]) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * (round.find((m) => m * power >= value * (1 - 1e-9)) ?? 10);
}
