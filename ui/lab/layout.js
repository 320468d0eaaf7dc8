// How large the picture is, and the strips beside it.

import { parentOf } from "../kit/element.js";
import { nearlyWhole, placeImage } from "../kit/pixels.js";

const EDGE = 40; // screen pixels of the strips beside the picture
const MARGIN = 0.1; // of the longer side, around the picture

/** Room for the picture between its strips; false if nothing changed. @param {Lab} lab */
export function fitLab(lab) {
  const { refs, look } = lab;
  if (!look) return false;
  const { width, height } = look;
  const margin = Math.max(2, Math.round(MARGIN * Math.max(width, height)));
  const style = getComputedStyle(refs.frame);
  const room = parentOf(refs.frame).clientWidth - 2 * EDGE - 4;
  const tallest = Number.parseFloat(style.getPropertyValue("--tallest")) || 9999;
  const zoom = nearlyWhole(Math.min(room / (width + 2 * margin), tallest / (height + 2 * margin)), 0.92);
  if (zoom <= 0 || (zoom === lab.zoom && margin === lab.margin && lab.fitted === look)) return false;
  Object.assign(lab, { zoom, margin, fitted: look });
  const [across, down] = [zoom * (width + 2 * margin), zoom * (height + 2 * margin)];
  Object.assign(refs.frame.style, {
    gridTemplateColumns: `${EDGE}px ${across}px ${EDGE}px`,
    gridTemplateRows: `${EDGE}px ${down}px ${EDGE}px`,
  });
  for (const element of [refs.image, refs.imageLight]) placeImage(element, look, margin, zoom);
  Object.assign(refs.bankX.style, { left: `${zoom * margin}px`, width: `${zoom * width}px` });
  Object.assign(refs.bankY.style, { top: `${zoom * margin}px`, height: `${zoom * height}px` });
  lab.curvesX.fit(across, EDGE, margin, zoom);
  lab.curvesY.fit(down, EDGE, margin, zoom);
  lab.overlay.fit(width, height, margin, zoom);
  return true;
}
