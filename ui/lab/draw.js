// What is painted in each frame.

import { setText } from "../kit/element.js";
import { shown } from "./controls.js";
import { largest, whiteOf } from "./look.js";

/** One frame: everything that follows from the windows, computed and painted. @param {Lab} lab */
export function drawLab(lab) {
  if (!lab.look || !lab.zoom) return;
  const { look, n, refs, linked } = lab;
  const ink = getComputedStyle(refs.root).color;
  lab.seen = lab.windows();
  const { eye, pen } = lab.seen;
  lab.penGamma = pen ? pen.gamma : lab.full ? eye.gamma / eye.delta ** 2 : eye.gamma;
  look.compute(eye, pen, n, lab.penGamma);
  const { channels, height, width } = look;
  lab.patchWhite = whiteOf(largest(look.patch, channels * n * n));
  lab.patchPixels.values(look.patch, channels, n, n, lab.patchWhite);
  const white = whiteOf(largest(look.back));
  lab.backPixels.values(look.back, channels, height, width, white);
  lab.lostPixels.signed(look.lost, 1, height, width);
  const covered = largest(look.coverage);
  lab.coveragePixels.roots(look.coverage, height, width, covered);
  const most = Math.max(largest(look.eyeX), largest(look.eyeY));
  lab.matrixXPixels.matrix(look.eyeX, n, width, most, false);
  lab.matrixYPixels.matrix(look.eyeY, n, height, most, true);
  const [litX, litY] = linked.filters;
  lab.curvesX.draw(look.eyeX, n, width, most, litX, ink);
  lab.curvesY.draw(look.eyeY, n, height, most, litY, ink);
  lab.overlay.show({
    ...lab.seen,
    active: lab.active,
    n,
    ...lab.asking.overlay(),
    ghosts: lab.bug && lab.bugs.compare ? { eye: lab.eye, pen: lab.penOn ? lab.pen : null } : null,
  });
  linked.draw();
  drawCaptions(lab, most, covered, white);
  if (lab.tab === "formula") lab.formula.draw();
  lab.asking.draw();
  lab.drawn += 1;
  refs.root.dataset.painted = `${lab.meta.id}:${lab.drawn}`;
}

/** The captions: what range each picture has.
 * @param {Lab} lab @param {number} most @param {number} covered @param {number} white */
function drawCaptions(lab, most, covered, white) {
  const { look, n, refs } = lab;
  lab.sliders.show(lab.hand, n);
  const range = (/** @type {Numbers} */ values) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = 0; i < values.length; i++) {
      if (values[i] < low) low = values[i];
      if (values[i] > high) high = values[i];
    }
    const small = 1e-3 * Math.max(-low, high); // next to the other end it is nothing
    return `${shown(Math.abs(low) < small ? 0 : low)} to ${shown(Math.abs(high) < small ? 0 : high)}`;
  };
  setText(refs.patchCaption, `${n}×${n}, ${range(look.patch)}`);
  setText(refs.backCaption, range(look.back));
  setText(refs.lostCaption, `root mean square ${shown(look.error)}`);
  let seen = 0;
  for (let i = 0; i < look.size; i++) if (look.coverage[i] >= 0.01 * covered) seen++;
  setText(refs.coverageCaption, `${Math.round((100 * seen) / look.size)} % of the pixels are seen`);
  setText(refs.coverageMost, shown(covered));
  setText(refs.backWhite, shown(white));
  setText(refs.patchWhite, shown(lab.patchWhite));
  setText(refs.bankRange, shown(most));
}
