// What the loop says in words: a whole step, and each node to whoever points at it.

import { fixed, sum } from "../kit/number.js";
import { gridOf, num, STAGE_OF, STAGES } from "./stages.js";

const place = (/** @type {GridWindow} */ w) => `(${fixed(w.gX, 1)}, ${fixed(w.gY, 1)})`;

const HINT = '<p class="hint">Point at a part to read what it is. Press S to go through the step in slow motion.</p>';

/** @param {Run} run @param {number} step */
export function summary(run, step) {
  if (!step) {
    return (
      `<p class="lead">Before step 1 nothing is written.</p><p>Each of the ${run.numSteps} steps goes once `
      + "round this loop: the network looks at the image and the error, sends a few nats to the decoder, and writes.</p>"
      + HINT
    );
  }
  const reads = run.window("read", step, 0);
  const writes = run.window("write", step, 0);
  const { added, removed } = run.inkAddedAndRemoved(step, 0);
  const { k, kl } = run.topLatent(step);
  const look = reads ? `looks at ${place(reads)} with stride ${fixed(reads.delta, 1)}` : "reads the whole image";
  const write = writes
    ? `writes at ${place(writes)} with stride ${fixed(writes.delta, 1)}`
    : "writes on the whole canvas";
  return (
    `<p class="lead">Step ${step}: the network ${look}, sends ${num("kl", run.kl[step - 1])} nats to the decoder and ${write}.</p>`
    + `<p>Latent number ${k + 1} carries most of the nats, ${fixed(kl)}. The canvas gains ${fixed(added, 1)} pixels of ${run.matter} and loses `
    + `${fixed(removed, 1)}.</p>${HINT}`
  );
}

// One sentence for each node, with its shape.
/** @type {Record<string, (run: Run) => [string, string]>} */
export const EXPLAIN = {
  x: ({ channels, height, width }) => [
    "The input",
    `the image to be rebuilt: ${gridOf(channels, height, width)} from 0 to 1. It is the same at every step.`,
  ],
  error: ({ channels, height, width, matter }) => [
    "The error image",
    `${gridOf(channels, height, width)}: the input minus the canvas `
      + `so far. Green is ${matter} still missing, violet is ${matter} too much, black is right already.`,
  ],
  read: (run) => [
    "What is read",
    run.has("read")
      ? `two patches of ${gridOf(run.channels, run.points("read"), run.points("read"))}, up to ${fixed(run.mostRead, 1)}: `
        + "the blue window’s small, blurred copies of the input and of the error image. The encoder sees nothing else of them in this "
        + "step. The intensity γ multiplies what is read."
      : "this network has no read window: the encoder gets the whole image and the whole error.",
  ],
  enc: (run) => [
    "The encoder",
    `an LSTM with ${run.units("h_enc")} units, one per cell, −1 to 1; green is above 0, violet below, and the `
      + "scale is logarithmic, so that small values show. It remembers what it has read in earlier steps; to generate, the network does not need it.",
  ],
  z: (run) => [
    "The latents",
    `${run.latents} numbers, the only thing that passes from encoder to decoder. Each has a dot at its `
      + "mean μ, a bar of ±σ and a tick at the sample z. The grey band is what the decoder expects. The dark ones carry 80 % of the nats.",
  ],
  dec: (run) => [
    "The decoder",
    `an LSTM with ${run.units("h_dec")} units, −1 to 1, in the encoder’s colours. It never sees the image. `
      + "It decides what is written now and where the next step looks.",
  ],
  write: (run) => [
    "What is written",
    run.has("write")
      ? `${gridOf(run.channels, run.points("write"), run.points("write"))}, laid on the canvas through the orange `
        + `window. Green adds ${run.matter}, violet takes it away.`
      : `${gridOf(run.channels, run.height, run.width)}, added to the whole canvas. Green adds ${run.matter}, violet takes it away.`,
  ],
  canvas: ({ channels, height, width, matter }) => [
    "The canvas",
    `${gridOf(channels, height, width)}: the sum of all strokes so far, `
      + `shown as ${matter === "ink" ? "the probability that a pixel is ink" : "values of red, green and blue, 0 to 1"}. `
      + "The last one is the reconstruction.",
  ],
  clock: (run) => [
    "The information clock",
    `one sector for each of the ${run.numSteps} steps. The longer it is, the more nats the encoder `
      + "sends to the decoder in that step. Point at a sector to go to its step.",
  ],
};

/** step: what the node shows; 0 before the first. @param {Run} run @param {string} node @param {number} step */
export function explanation(run, node, step) {
  const [name, words] = EXPLAIN[node](run);
  const now = step ? numbersNow(run, node, step) : "";
  return `<p class="lead">${name}</p><p>${words[0].toUpperCase()}${words.slice(1)}</p>${now && `<p class="numbersLine">${now}</p>`}`;
}

/** The numbers of a node at this step, or nothing. @param {Run} run @param {string} node @param {number} step */
function numbersNow(run, node, step) {
  if (node === "clock") {
    return `Step ${step} sends ${num("kl", run.kl[step - 1])} nats, all steps together ${num("sum", sum(run.kl), 1)}.`;
  }
  return STAGE_OF[node] ? STAGES[STAGE_OF[node] - 1].numbers(run, step) : "";
}
