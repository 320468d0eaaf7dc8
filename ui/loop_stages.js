// The seven stages of one step: name, equation, shapes, and the numbers of the moment put in. All
// text is our own; only numbers are filled in.

// A number of the moment; tests and screen readers find it by its name.
const num = (name, v, digits = 2) => `<b data-number="${name}">${fixed(v, digits)}</b>`;
// gamma may be far from 1.
const small = (name, v) =>
  `<b data-number="${name}">${v < 0.1 ? v.toPrecision(2) : fixed(v)}</b>`;

const T_ = "<sub><var>t</var></sub>";
const BEFORE_ = "<sub><var>t</var>−1</sub>";
const X_HAT = `<var class="hat">x</var>${T_}`;
const H_ENC = "<var>h</var><sup>enc</sup>";
const H_DEC = "<var>h</var><sup>dec</sup>";
const size = (...lengths) => lengths.join("×");

// Where a window stands; `hat` where it is the write window's (eqs 21-24).
function windowNumbers(w, hat = "") {
  const v = (name) => (hat ? `<var class="hat">${name}</var>` : `<var>${name}</var>`);
  const part = (name, value) => `<span class="whole">${name} = ${value}</span>`;
  return [
    part(`${v("g")}<sub>X</sub>`, num("g_x", w.gX)), part(`${v("g")}<sub>Y</sub>`, num("g_y", w.gY)),
    part(`stride ${v("δ")}`, num("delta", w.delta)), part(`spread ${v("σ")}`, num("sigma", w.sigma)),
    part(v("γ"), small("gamma", w.gamma)),
  ].join(", ");
}

function change(name, moved, units) {
  if (!moved) return `First step: ${name}<sub>0</sub> is learned, the same for every image.`;
  return `Of ${units} units, unit <b data-number="unit">${moved.k + 1}</b> changes most: `
    + `${num("before", moved.before)} → ${num("now", moved.now)}.`;
}

// Each: name, node, eqs, equation(run), shapes(run), numbers(run, step).
const STAGES = [
  {
    name: "Error", node: "error", eqs: "eq 3",
    equation: () => `${X_HAT} = <var>x</var> − sigmoid(<var>c</var>${BEFORE_})`,
    shapes: ({ channels: c, height, width }) => `all three ${size(c, height, width)}`,
    numbers(run, step) {
      const error = run.error(step);
      let missing = 0;
      let excess = 0;
      for (const v of error) {
        if (v > 0) missing += v;
        else excess -= v;
      }
      return `${num("missing", missing, 1)} pixels of ${run.matter} are still missing, ${num("excess", excess, 1)} are too much.`;
    },
  },
  {
    name: "Read", node: "read", eqs: "eqs 4, 21–27", plainEqs: "eqs 4, 17",
    equation: (run) => (run.has("read")
      ? `<var>r</var>${T_} = <var>γ</var> [<var>F<sub>Y</sub></var> <var>x</var> <var>F<sub>X</sub></var><sup>T</sup>, `
        + `<var>F<sub>Y</sub></var> ${X_HAT} <var>F<sub>X</sub></var><sup>T</sup>]`
      : `<var>r</var>${T_} = [<var>x</var>, ${X_HAT}]`),
    shapes(run) {
      const { channels: c, height, width, meta: { read_size: n } } = run;
      return run.has("read")
        ? `<var>r</var> 2×${size(c, n, n)}, <var>F<sub>Y</sub></var> ${size(n, height)}, <var>F<sub>X</sub></var> ${size(n, width)}`
        : `2×${size(c, height, width)}`;
    },
    numbers(run, step) {
      const w = run.window("read", step, 0);
      if (!w) return "There is no window: the encoder reads the whole image and the whole error.";
      return `${windowNumbers(w)}, all from ${H_DEC}<sub>${step - 1}</sub>.`;
    },
  },
  {
    name: "Encode", node: "enc", eqs: "eq 5",
    equation: () => `${H_ENC}${T_} = RNN<sup>enc</sup>(${H_ENC}${BEFORE_}, [<var>r</var>${T_}, ${H_DEC}${BEFORE_}])`,
    shapes: (run) => `[${run.readLength} + ${run.tensors.h_dec.shape[1]}] → ${run.tensors.h_enc.shape[1]}`,
    numbers: (run, step) => change(H_ENC, run.mostChanged("h_enc", step), run.tensors.h_enc.shape[1]),
  },
  {
    name: "Sample", node: "z", eqs: "eqs 1, 2, 6",
    equation: () => `<var>z</var>${T_} = <var>μ</var>${T_} + <var>σ</var>${T_} <var>ε</var>, `
      + `<var>μ</var>${T_} = W(${H_ENC}${T_}), <var>σ</var>${T_} = exp W(${H_ENC}${T_})`,
    shapes: ({ latents }) => `all three ${latents}`,
    numbers(run, step) {
      const { k, mu, sigma, z, eps, kl } = run.topLatent(step);
      const noise = eps < 0 ? `(${num("eps", eps)})` : num("eps", eps);
      return `Latent number <b data-number="k">${k + 1}</b> carries most: ${num("z", z)} = ${num("mu", mu)} + `
        + `${num("sigma", sigma)} × ${noise}; that is ${num("kl_k", kl)} of this step’s ${num("kl", run.kl[step - 1])} nats.`;
    },
  },
  {
    name: "Decode", node: "dec", eqs: "eq 7",
    equation: () => `${H_DEC}${T_} = RNN<sup>dec</sup>(${H_DEC}${BEFORE_}, <var>z</var>${T_})`,
    shapes: (run) => `${run.latents} → ${run.tensors.h_dec.shape[1]}`,
    numbers: (run, step) => change(H_DEC, run.mostChanged("h_dec", step), run.tensors.h_dec.shape[1]),
  },
  {
    name: "Write", node: "write", eqs: "eqs 28, 29", plainEqs: "eq 18",
    equation: (run) => `<var>w</var>${T_} = W(${H_DEC}${T_})` + (run.has("write")
      ? `, write = <span class="frac">1/<var class="hat">γ</var></span> <var class="hat">F</var><sub><var>Y</var></sub><sup>T</sup> `
        + `<var>w</var>${T_} <var class="hat">F</var><sub><var>X</var></sub>` : ", write = <var>w</var>" + T_),
    shapes(run) {
      const { channels: c, height, width, meta: { write_size: n } } = run;
      return run.has("write") ? `<var>w</var> ${size(c, n, n)}, write ${size(c, height, width)}`
        : size(c, height, width);
    },
    numbers(run, step) {
      const w = run.window("write", step, 0);
      return w ? `${windowNumbers(w, "hat")}.` : "There is no window: each step writes on the whole canvas.";
    },
  },
  {
    name: "Add", node: "canvas", eqs: "eq 8",
    equation: () => `<var>c</var>${T_} = <var>c</var>${BEFORE_} + write(${H_DEC}${T_})`,
    shapes: ({ channels: c, height, width }) => `all three ${size(c, height, width)}`,
    numbers(run, step) {
      const { added, taken } = run.ink(step);
      return `Adds ${num("added", added, 1)} pixels of ${run.matter} and takes ${num("taken", taken, 1)} away.`;
    },
  },
];

// The order in which the nodes take part in a step; x is there from the start.
const STAGE_OF = { x: 0, ...Object.fromEntries(STAGES.map(({ node }, i) => [node, i + 1])) };

function stageCard(run, step, stage) {
  const it = STAGES[stage - 1];
  const attention = it.node === "read" || it.node === "write" ? run.has(it.node) : true;
  const eqs = attention ? it.eqs : it.plainEqs;
  return `<p class="equation"><span>${it.equation(run)}</span> <small>${eqs}</small> `
    + `<small class="shapes">${it.shapes(run)}</small></p><p class="numbersLine">${it.numbers(run, step)}</p>`;
}
