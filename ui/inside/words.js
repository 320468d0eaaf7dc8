// How far two films of the same network are apart, and what that says.

/** Pixels of ink by which two films differ after a step: the change in probability, summed over all pixels and
 * averaged over channels. @param {Film} a @param {Film} b @param {number} step */
export function apart(a, b, step) {
  const [one, other, { values }] = [a.canvas(step, 0), b.canvas(step, 0), a.codec(step)];
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += Math.abs(values[one[i]] - values[other[i]]);
  return sum / a.channels;
}

/** L_x in nats if the canvas of a step were the last one (eq 9).
 * @param {Float32Array} logits of all canvases @param {ArrayLike<number>} x @param {number} step */
export function missingAfter(logits, x, step) {
  let nats = 0;
  for (let i = 0, at = step * x.length; i < x.length; i++, at++) {
    const c = logits[at];
    nats += Math.max(c, 0) + Math.log1p(Math.exp(-Math.abs(c))) - x[i] * c;
  }
  return nats;
}

/** What became of a change to a new picture. @param {Film} a untouched @param {Film} b
 * @param {import("../live/hand.js").Edit[]} edits */
export function wordsOfNew(a, b, edits) {
  const ink = `${apart(a, b, a.numSteps).toFixed(1)} pixels of ${a.matter}`;
  const why = edits.length
    ? "A network that paints a new picture never looks at its canvas: what the hand changed in a step stays, and the later strokes are the same."
    : "Other numbers change the memory, and so all later strokes.";
  return `In the end they differ by ${ink}. ${why}`;
}

/** What became of a change while a picture was rebuilt: whether the network made up for it.
 * @param {Float32Array} a logits untouched @param {Float32Array} b @param {ArrayLike<number>} x
 * @param {number} step of the last change @param {number} numSteps */
export function wordsOfSeen(a, b, x, step, numSteps) {
  const cost = (/** @type {number} */ t) => missingAfter(b, x, t) - missingAfter(a, x, t);
  const [then, end] = [cost(step), cost(numSteps)];
  const missing = `In the end the canvas misses ${missingAfter(b, x, numSteps).toFixed(1)} nats of the picture, and ${missingAfter(a, x, numSteps).toFixed(1)} without the hand.`;
  if (then <= 0) return missing;
  const share = end / then;
  const repaired = share < 0.1 ? "nearly all" : share < 0.5 ? "most" : share < 0.9 ? "a part" : "nothing";
  return `${missing} Right after step ${step} the hand had cost ${then.toFixed(1)} nats; at each step the network sees what is missing, and it made up for ${repaired} of it.`;
}
