// Pointing at a pixel of the picture: its place, its probability now, and over all steps.

import { UNSET } from "../kit/component.js";
import { arrow } from "../kit/keys.js";
import { clamp } from "../kit/number.js";
import { placeIn } from "../kit/pointer.js";
import { set, svg } from "../kit/svg.js";

export class Probe {
  /** @type {Point | null} */ pixel = null;
  /** @type {{ film: Film, step: number, sample: number, look: Look }} */ shown = UNSET;

  constructor(/** @type {StageRefs} */ refs) {
    this.refs = refs;
    this.marker = svg("rect", { class: "marker", width: 1, height: 1 });
    const { picture } = refs;
    picture.onpointermove = (event) => this.point(event);
    picture.onpointerdown = (event) => this.point(event);
    picture.onpointerleave = (event) => {
      if (event.pointerType !== "touch") this.hide(); // a finger's probe stays for reading
    };
    this.onElsewhere = (/** @type {PointerEvent} */ event) => {
      if (this.pixel && !event.composedPath().includes(picture)) this.hide();
    };
    document.addEventListener("pointerdown", this.onElsewhere);
    picture.onblur = () => this.hide();
  }

  close() {
    document.removeEventListener("pointerdown", this.onElsewhere);
  }

  point(/** @type {PointerEvent} */ event) {
    const { x, y } = placeIn(event, this.refs.picture);
    const { width, height } = this.shown.film;
    this.show(Math.floor(x * width), Math.floor(y * height));
  }

  /** Shift and an arrow key move the probe, from the middle at first. @param {KeyboardEvent} event */
  key(event) {
    const by = arrow(event);
    if (!by) return;
    event.preventDefault();
    const { width, height } = this.shown.film;
    const { x, y } = this.pixel ?? { x: Math.floor(width / 2), y: Math.floor(height / 2) };
    this.show(x + by.x, y + by.y);
  }

  /** @param {number} x @param {number} y */
  show(x, y) {
    const { film, step, sample, look } = this.shown;
    this.pixel = { x: clamp(x, 0, film.width - 1), y: clamp(y, 0, film.height - 1) };
    this.draw(film, step, sample, look);
  }

  hide() {
    this.pixel = null;
    this.refs.probe.hidden = true;
    this.marker.remove();
  }

  /** @param {Film} film @param {number} step @param {number} sample @param {Look} look */
  draw(film, step, sample, look) {
    this.shown = { film, step, sample, look };
    if (!this.pixel) return;
    const { refs } = this;
    const { x, y } = this.pixel;
    const { p, logit } = film.pixel(x, y, step, sample);
    refs.probe.hidden = false;
    refs.probe.classList.toggle("right", x < film.width / 2);
    refs.probePlace.textContent = `x ${x}, y ${y}`;
    refs.probeValue.textContent = probeWords(p, look.unit === "logit" ? logit : null, film.channels);
    refs.probeCurveWords.textContent = `its ${pixelMeaning(film.channels)} over the steps`;
    drawCurve(refs.probeCurve, film.pixelCurve(x, y, sample), step);
    set(this.marker, { x: x - 0.5, y: y - 0.5 });
    if (!this.marker.isConnected) refs.overlay.append(this.marker);
  }
}

/** What the p of a pixel is: of a colour, the mean of its three values. @param {number} channels */
const pixelMeaning = (channels) => (channels === 1 ? "probability" : "brightness");

/** A pixel in words: "white with probability 0.02"; logit: null where it is not asked for.
 * @param {number} p @param {number | null} logit @param {number} channels */
export function probeWords(p, logit, channels) {
  const words = channels === 1 ? `white with probability ${p.toFixed(2)}` : `brightness ${p.toFixed(2)}`;
  return logit == null ? words : `${words}: logit ${logit.toFixed(1).replace("-", "−")}`;
}

/** A small curve of a pixel's probability over all steps, with a mark at the present one.
 * @param {SVGSVGElement} element @param {number[]} curve @param {number} step */
function drawCurve(element, curve, step) {
  const x = (/** @type {number} */ t) => 2 + (96 * t) / (curve.length - 1);
  const y = (/** @type {number} */ p) => 28 - 26 * p;
  const [line, mark] = element.children;
  line.setAttribute("points", curve.map((p, t) => `${x(t)},${y(p)}`).join(" "));
  set(mark, { cx: x(step), cy: y(curve[step]) });
}
