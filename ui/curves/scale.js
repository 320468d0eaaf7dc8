// Axes: round ticks, words for times and nats, and labels that keep their distance.

import { clamp, roundUp, withMinus } from "../kit/number.js";

/** @param {number} step @param {number} low @param {number} high */
export function multiples(step, low, high) {
  const ticks = [];
  const last = Math.floor(high / step + 1e-6);
  for (let k = Math.ceil(low / step - 1e-6); k <= last; k++) ticks.push(k * step + 0); // never -0
  return ticks;
}

/** The distance of round numbers of which about `count` lie in a span. @param {number} span @param {number} count */
export const roundStep = (span, count) => roundUp(span / Math.max(1, 1.35 * count));

/** About `count` round numbers with their texts. @param {number} low @param {number} high @param {number} count */
export function numberTicks(low, high, count) {
  const step = roundStep(high - low, count);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return multiples(step, low, high).map((value) => {
    const text = value.toLocaleString("en", options);
    return { value, text: withMinus(text) };
  });
}

/** @param {number} low @param {number} high @param {number} count */
export function updateTicks(low, high, count) {
  return numberTicks(low, high, Math.min(count, Math.max(1, high - low))); // whole updates
}

/** 1, 2 and 5 of each power of ten; when closer than that, round numbers.
 * @param {number} low @param {number} high @param {number} count */
export function logTicks(low, high, count) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++) {
    for (const m of [1, 2, 5]) ticks.push(m * 10 ** power);
  }
  const inside = ticks.filter((v) => v >= low * 0.999 && v <= high * 1.001);
  if (inside.length < 4) return numberTicks(low, high, count).filter((t) => t.value > 0);
  return inside.map((value) => ({ value, text: value.toLocaleString("en") }));
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800].concat(
  [1, 2, 3, 6, 12, 24, 48, 120, 240].map((hours) => 3600 * hours),
);

/** Round times and the unit of their texts: 90 | 1:30 | 1.
 * @param {number} low @param {number} high @param {number} count */
export function timeTicks(low, high, count) {
  const step = TIME_STEPS.find((s) => s >= (high - low) / Math.max(1, 1.35 * count));
  if (!step || high - low < 2) {
    return { ticks: numberTicks(low, high, count), unit: "s" };
  }
  const values = multiples(step, low, high);
  const name = (/** @type {string} */ unit, /** @type {(value: number) => string} */ text) => ({
    ticks: values.map((value) => ({ value, text: text(value) })),
    unit,
  });
  const two = (/** @type {number} */ value) => String(Math.round(value)).padStart(2, "0");
  if (high < 120) return name("s", (v) => `${v}`);
  if (high < 7200) {
    if (step % 60 === 0) return name("min", (v) => `${v / 60}`);
    return name("min:s", (v) => `${Math.floor(v / 60)}:${two(v % 60)}`);
  }
  if (step % 3600 === 0) return name("h", (v) => `${v / 3600}`);
  const hours = (/** @type {number} */ v) => `${Math.floor(v / 3600)}:${two(Math.floor((v % 3600) / 60))}`;
  if (step % 60 === 0) return name("h:min", hours);
  return name("h:min:s", (v) => `${hours(v)}:${two(v % 60)}`);
}

export function duration(/** @type {number} */ seconds) {
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  if (seconds < 6000) return `${(seconds / 60).toFixed(1)} min`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function nats(/** @type {number} */ value) {
  if (!Number.isFinite(value)) return "–";
  const digits = Math.abs(value) < 10 ? 2 : Math.abs(value) < 1000 ? 1 : 0;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return withMinus(value.toLocaleString("en", options));
}

export const updates = (/** @type {number} */ step) => `update ${Math.round(step).toLocaleString("en")}`;

/** Moves places on a line apart until neighbours are `gap` from each other, as little as that takes,
 * within [low, high]. Returns the new places in the order given.
 * @param {number[]} wanted @param {number} gap @param {number} low @param {number} high */
export function spread(wanted, gap, low, high) {
  // Neighbours that touch move as one, about the mean of their wishes.
  /** @type {{ members: number[], sum: number, start: number, end: number }[]} */ const groups = [];
  const order = wanted.map((_, k) => k).sort((a, b) => wanted[a] - wanted[b] || a - b);
  for (const k of order) {
    let [members, sum] = [[k], wanted[k]];
    for (;;) {
      const length = (members.length - 1) * gap;
      const start = clamp(sum / members.length - length / 2, low, Math.max(low, high - length));
      const before = groups.at(-1);
      if (!before || before.end + gap <= start) {
        groups.push({ members, sum, start, end: start + length });
        break;
      }
      groups.pop();
      [members, sum] = [[...before.members, ...members], before.sum + sum];
    }
  }
  const places = new Array(wanted.length);
  for (const { members, start } of groups)
    members.forEach((k, i) => {
      places[k] = start + i * gap;
    });
  return places;
}
