// The seven stages of one step: what happens in plain words, then the equation, its shapes and the
// numbers of the moment put in. All text is our own; only numbers are filled in.

import { fixed } from "../kit/number.js";

/** A number of the moment; tests and screen readers find it by its name. @param {string} name @param {number} v */
export const num = (name, v, digits = 2) => `<b data-number="${name}">${fixed(v, digits)}</b>`;
/** gamma may be far from 1. @param {string} name @param {number} v */
const small = (name, v) => `<b data-number="${name}">${v < 0.1 ? v.toPrecision(2) : fixed(v)}</b>`;

const T_ = "<sub><var>t</var></sub>";
const BEFORE_ = "<sub><var>t</var>−1</sub>";
const X_HAT = `<var class="hat">x</var>${T_}`;
const H_ENC = "<var>h</var><sup>enc</sup>";
const H_DEC = "<var>h</var><sup>dec</sup>";
/** @param {...number} lengths */
export const size = (...lengths) => lengths.join("×");
/** How many numbers a picture or a patch is made of.
 * @param {number} channels @param {number} height @param {number} width */
export const gridOf = (channels, height, width) =>
  `${size(height, width)} numbers${channels > 1 ? ` for each of ${channels} colours` : ""}`;

/** Where a window stands; `hat` where it is the write window's (eqs 21-24). @param {GridWindow} w */
function windowNumbers(w, hat = "") {
  const v = (/** @type {string} */ name) => (hat ? `<var class="hat">${name}</var>` : `<var>${name}</var>`);
  const part = (/** @type {string} */ name, /** @type {string} */ value) =>
    `<span class="whole">${name} = ${value}</span>`;
  return [
    part(`${v("g")}<sub>X</sub>`, num("g_x", w.gX)),
    part(`${v("g")}<sub>Y</sub>`, num("g_y", w.gY)),
    part(`stride ${v("δ")}`, num("delta", w.delta)),
    part(`spread ${v("σ")}`, num("sigma", w.sigma)),
    part(v("γ"), small("gamma", w.gamma)),
  ].join(", ");
}

/** @param {string} name @param {ReturnType<Run["mostChanged"]>} moved @param {number} units */
function change(name, moved, units) {
  if (!moved) return `First step: ${name}<sub>0</sub> is learned, the same for every image.`;
  return (
    `Of ${units} units, unit <b data-number="unit">${moved.k + 1}</b> changes most: `
    + `${num("before", moved.before)} → ${num("now", moved.now)}.`
  );
}

/** The pixel of row-major [H, W] values that is furthest from 0, and its place.
 * @param {Numbers} values @param {number} width */
function strongest(values, width) {
  let k = 0;
  for (let i = 1; i < values.length; i++) if (Math.abs(values[i]) > Math.abs(values[k])) k = i;
  return { k, x: k % width, y: Math.floor(k / width) };
}

/** @param {string} name @param {number} v */
const bracketed = (name, v) => (v < 0 ? `(${num(name, v)})` : num(name, v));

/** plainEqs: of a network without that window. numbers: "" where there are none.
 * @typedef {{ name: string, node: string, eqs: string, plainEqs?: string, plain(run: Run, step: number): string,
 *   equation(run: Run): string, shapes(run: Run): string, numbers(run: Run, step: number): string }} Stage */
/** @type {Stage[]} */
export const STAGES = [
  {
    name: "Error",
    node: "error",
    eqs: "eq 3",
    plain(run, step) {
      const error = run.error(step);
      let missing = 0;
      let excess = 0;
      for (const v of error) {
        if (v > 0) missing += v;
        else excess -= v;
      }
      return (
        `The network compares the picture with its canvas: ${num("missing", missing, 1)} pixels of ${run.matter} `
        + `are still missing, ${num("excess", excess, 1)} are too much.`
      );
    },
    equation: () => `${X_HAT} = <var>x</var> − sigmoid(<var>c</var>${BEFORE_})`,
    shapes: ({ channels, height, width }) => `each has ${gridOf(channels, height, width)}`,
    numbers(run, step) {
      const error = run.error(step);
      const { k, x, y } = strongest(error, run.width);
      const wanted = run.target(k);
      return `Where it is largest, at x ${x}, y ${y}: ${num("error", error[k])} = ${num("x", wanted)} − ${num("painted", wanted - error[k])}.`;
    },
  },
  {
    name: "Read",
    node: "read",
    eqs: "eqs 4, 21–27",
    plainEqs: "eqs 4, 17",
    plain(run, step) {
      const w = run.window("read", step, 0);
      if (!w) return "The encoder reads the whole image and the whole error. There is no window.";
      const n = run.points("read");
      return `The blue window copies ${size(n, n)} blurred points of the picture, and as many of the error.`;
    },
    equation: (run) =>
      run.has("read")
        ? `<var>r</var>${T_} = <var>γ</var> [<var>F<sub>Y</sub></var> <var>x</var> <var>F<sub>X</sub></var><sup>T</sup>, `
          + `<var>F<sub>Y</sub></var> ${X_HAT} <var>F<sub>X</sub></var><sup>T</sup>]`
        : `<var>r</var>${T_} = [<var>x</var>, ${X_HAT}]`,
    shapes(run) {
      const { channels: c, height, width } = run;
      const n = run.points("read");
      return run.has("read")
        ? `<var>r</var> is two patches of ${gridOf(c, n, n)}; <var>F<sub>Y</sub></var> is ${size(n, height)}, <var>F<sub>X</sub></var> ${size(n, width)}`
        : `both have ${gridOf(c, height, width)}`;
    },
    numbers(run, step) {
      const w = run.window("read", step, 0);
      return w ? `${windowNumbers(w)}, all from ${H_DEC}<sub>${step - 1}</sub>.` : "";
    },
  },
  {
    name: "Encode",
    node: "enc",
    eqs: "eq 5",
    plain: () => "The encoder adds what was read, and the decoder’s last state, to its memory.",
    equation: () => `${H_ENC}${T_} = RNN<sup>enc</sup>(${H_ENC}${BEFORE_}, [<var>r</var>${T_}, ${H_DEC}${BEFORE_}])`,
    shapes: (run) => `${run.readLength} + ${run.units("h_dec")} numbers in, ${run.units("h_enc")} out`,
    numbers: (run, step) => change(H_ENC, run.mostChanged("h_enc", step), run.units("h_enc")),
  },
  {
    name: "Sample",
    node: "z",
    eqs: "eqs 1, 2, 6",
    plain(run, step) {
      const how = run.isMean(step) ? "sends the mean of each" : "draws each at random around its mean";
      return `The encoder sends ${run.latents} numbers to the decoder: it ${how}. They carry ${num("kl", run.kl[step - 1])} nats.`;
    },
    equation: () =>
      `<var>z</var>${T_} = <var>μ</var>${T_} + <var>σ</var>${T_} <var>ε</var>, `
      + `<var>μ</var>${T_} = W(${H_ENC}${T_}), <var>σ</var>${T_} = exp W(${H_ENC}${T_})`,
    shapes: ({ latents }) => `each has ${latents} numbers`,
    numbers(run, step) {
      const { k, mu, sigma, z, eps, kl } = run.topLatent(step);
      return (
        `Latent number <b data-number="k">${k + 1}</b> carries most, ${num("kl_k", kl)} nats: ${num("z", z)} = ${num("mu", mu)} + `
        + `${num("sigma", sigma)} × ${bracketed("eps", eps)}.`
      );
    },
  },
  {
    name: "Decode",
    node: "dec",
    eqs: "eq 7",
    plain: () => "The decoder adds these numbers to its memory. It never sees the picture itself.",
    equation: () => `${H_DEC}${T_} = RNN<sup>dec</sup>(${H_DEC}${BEFORE_}, <var>z</var>${T_})`,
    shapes: (run) => `${run.latents} numbers in, ${run.units("h_dec")} out`,
    numbers: (run, step) => change(H_DEC, run.mostChanged("h_dec", step), run.units("h_dec")),
  },
  {
    name: "Write",
    node: "write",
    eqs: "eqs 28, 29",
    plainEqs: "eq 18",
    plain(run, step) {
      if (!run.window("write", step, 0)) return "The decoder writes on the whole canvas at once. There is no window.";
      const n = run.points("write");
      return `The decoder makes a patch of ${size(n, n)} values, and the orange window says where it goes and how large it becomes.`;
    },
    equation: (run) =>
      `<var>w</var>${T_} = W(${H_DEC}${T_})`
      + (run.has("write")
        ? `, write = <span class="frac">1/<var class="hat">γ</var></span> <var class="hat">F</var><sub><var>Y</var></sub><sup>T</sup> `
          + `<var>w</var>${T_} <var class="hat">F</var><sub><var>X</var></sub>`
        : `, write = <var>w</var>${T_}`),
    shapes(run) {
      const { channels: c, height, width } = run;
      const n = run.points("write");
      return run.has("write")
        ? `<var>w</var> has ${gridOf(c, n, n)}, write has ${size(height, width)}`
        : gridOf(c, height, width);
    },
    numbers(run, step) {
      const w = run.window("write", step, 0);
      return w ? `${windowNumbers(w, "hat")}.` : "";
    },
  },
  {
    name: "Add",
    node: "canvas",
    eqs: "eq 8",
    plain(run, step) {
      const { added, removed } = run.inkAddedAndRemoved(step, 0);
      const what = run.has("write") ? "The patch" : "What the decoder wrote";
      return `${what} is added to the canvas: this puts ${num("added", added, 1)} pixels of ${run.matter} on it and takes ${num("taken", removed, 1)} away.`;
    },
    equation: () => `<var>c</var>${T_} = <var>c</var>${BEFORE_} + write(${H_DEC}${T_})`,
    shapes: ({ channels, height, width }) => `each has ${gridOf(channels, height, width)}`,
    numbers(run, step) {
      const { x, y, before, now } = run.mostPainted(step);
      return `Where the picture changes most, at x ${x}, y ${y}: ${num("after", now)} = ${num("canvas", before)} + ${bracketed("stroke", now - before)}.`;
    },
  },
];

// The order in which the nodes take part in a step; x is there from the start.
/** @type {Record<string, number>} */
export const STAGE_OF = { x: 0, ...Object.fromEntries(STAGES.map(({ node }, i) => [node, i + 1])) };

/** @param {Run} run @param {number} step @param {number} stage */
export function stageCard(run, step, stage) {
  const it = STAGES[stage - 1];
  const attention = it.node === "read" || it.node === "write" ? run.has(it.node) : true;
  const eqs = attention ? it.eqs : it.plainEqs;
  const numbers = it.numbers(run, step);
  return (
    `<p class="plain">${it.plain(run, step)}</p>`
    + `<p class="equation"><span>${it.equation(run)}</span> <small>${eqs}</small> `
    + `<small class="shapes">${it.shapes(run)}</small></p>${numbers && `<p class="numbersLine">${numbers}</p>`}`
  );
}
