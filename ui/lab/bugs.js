// Five mistakes of published DRAW code. The wrong formulas live here and nowhere else.
// Each takes the windows that are meant, { eye, pen }, and gives those that the wrong code uses.

/** @typedef {Record<"id" | "name" | "equation" | "right" | "mistaken" | "effect" | "clue" | "sources", string>
 *   & { wrong(windows: { eye: GridWindow, pen: GridWindow } & Size): { eye: GridWindow, pen: GridWindow } }} Bug */

/** @type {Bug[]} */
export const LAB_BUGS = [
  {
    id: "stride",
    name: "The grid is one stride off",
    // (i - N/2 - 1/2) with i from 0 lies one stride before the right place.
    wrong: onBoth((w) => ({ ...w, gX: w.gX - w.delta, gY: w.gY - w.delta })),
    equation: "<var>μ<sup>i</sup></var> = <var>g</var> + (<var>i</var> − <var>N</var>/2 − ½) <var>δ</var>",
    right: "with <var>i</var> = 1 … <var>N</var>, as the paper counts",
    mistaken: "with <var>i</var> = 0 … <var>N</var> − 1, as a program counts",
    effect: "The whole grid stands one stride too far up and to the left: the wider the stride, the farther.",
    clue: "Make the stride larger: a grid that is one stride off moves away from where it is meant to stand.",
    sources:
      "Seen in several published programs; the filters were counted from 0 in a formula that counts them from 1.",
  },
  {
    id: "centre",
    name: "The centre is off by up to a pixel",
    wrong: onBoth(halfPixel),
    equation: "<var>g<sub>X</sub></var> from <var>g̃<sub>X</sub></var>, pixels counted from 0",
    right: "(<var>A</var> + 1)/2 · (<var>g̃<sub>X</sub></var> + 1) − 1",
    mistaken: "<var>A</var>/2 · (<var>g̃<sub>X</sub></var> + 1)",
    effect:
      "Half a pixel too far down and right in the middle, almost a whole pixel at the top left, nothing at the bottom right.",
    clue: "Drag the window to the top left, then to the bottom right: a centre from the wrong formula is off by a whole pixel there, by half a pixel in the middle, and by nothing here.",
    sources: "Seen in a published program; the training learns around it, a comparison of windows does not.",
  },
  {
    id: "variance",
    name: "The spread is squared once too often",
    wrong: onBoth((w) => ({ ...w, sigma: w.sigma ** 2 })),
    equation: "the filter's exponent",
    right: "−(<var>a</var> − <var>μ<sup>i</sup></var>)² / 2<var>σ</var>²",
    mistaken: "−(<var>a</var> − <var>μ<sup>i</sup></var>)² / 2(<var>σ</var>²)²",
    effect:
      "A spread below 1 pixel gets sharper than it should be and one above 1 gets blurred; at exactly 1 nobody notices.",
    clue: "Move the spread from 0.5 to 2 and watch the circles: a spread that is squared once too often makes them grow too fast.",
    sources: "Seen in published programs; a variable called sigma held the variance already.",
  },
  {
    id: "diagonal",
    name: "The vertical position uses the horizontal centre",
    wrong: onBoth((w) => ({ ...w, gY: w.gX })),
    equation: "the points of <var>F<sub>Y</sub></var>",
    right:
      "<var>μ<sub>Y</sub><sup>j</sup></var> = <var>g<sub>Y</sub></var> + (<var>j</var> − <var>N</var>/2 − ½) <var>δ</var>",
    mistaken:
      "<var>μ<sub>Y</sub><sup>j</sup></var> = <var>g<sub>X</sub></var> + (<var>j</var> − <var>N</var>/2 − ½) <var>δ</var>",
    effect: "The window can only move along the diagonal; most of the picture can never be looked at closely.",
    clue: "Drag straight up and down: a window whose vertical position uses the horizontal centre does not follow your hand.",
    sources:
      "Seen in a published program; the line for <var>F<sub>X</sub></var> was copied for <var>F<sub>Y</sub></var> and one letter stayed.",
  },
  {
    id: "head",
    name: "One window both reads and writes",
    wrong: ({ eye }) => ({ eye, pen: { ...eye } }),
    equation: "the five numbers of the pen’s window",
    right: "<var>W</var><sub>write</sub> <var>h</var><sup>dec</sup>, a layer of its own",
    mistaken: "<var>W</var><sub>read</sub> <var>h</var><sup>dec</sup>, the layer of the reading window",
    effect: "The network can write only where it reads: it cannot look at one place and draw at another.",
    clue: "Drag the orange window: with one layer for both, what is written stays under the blue one.",
    sources: "Seen in published programs; one linear layer was called for both windows.",
  },
];

/** The same mistake in both windows.
 * @param {(w: GridWindow, size: Size) => GridWindow} change @returns {Bug["wrong"]} */
function onBoth(change) {
  return ({ eye, pen, ...size }) => ({ eye: change(eye, size), pen: change(pen, size) });
}

/** From g back to g~ (eqs 22, 23), then forward by the wrong formula. @param {GridWindow} w @param {Size} size */
function halfPixel(w, { width, height }) {
  const wrong = (/** @type {number} */ g, /** @type {number} */ length) => {
    const raw = (2 * (g + 1)) / (length + 1) - 1;
    return (length / 2) * (raw + 1);
  };
  return { ...w, gX: wrong(w.gX, width), gY: wrong(w.gY, height) };
}
