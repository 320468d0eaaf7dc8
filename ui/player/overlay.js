// The window over the canvas, as SVG in the image's own coordinates: the centre of the first pixel
// is (0, 0), so every attribute is a number of the model (eqs 19-24) and not of the screen.

import { set, svg } from "../kit/svg.js";

const TRAIL = 64; // so many windows before are shown at the most

/** The border is as wide as the filters are precise (1 / sigma), in screen pixels; of a window without
 * filters (sigma is NaN) as of one whose points are two pixels wide. @param {number} sigma */
export const borderWidth = (sigma) => Math.min(9, Math.max(1.25, 3 / (sigma || 2)));

/** What lays the upright square of a window onto its own corners; nothing where it is that square.
 * @param {FilmWindow} window @param {number} side */
export function turned({ gX, gY, corners }, side) {
  if (!corners) return "";
  const [x, y, rightX, rightY, , , downX, downY] = corners;
  const [a, b, c, d] = [rightX - x, rightY - y, downX - x, downY - y].map((length) => length / side);
  return `matrix(${a} ${b} ${c} ${d} ${gX - a * gX - c * gY} ${gY - b * gX - d * gY})`;
}

/** The windows of a film over its picture: all of them, or those of these kinds that it has.
 * @param {Film} film @param {Element} layer @returns {Record<string, WindowOverlay>} */
export function windowsOver(film, layer, kinds = film.windowNames, hasPoints = true) {
  layer.setAttribute("viewBox", `-0.5 -0.5 ${film.width} ${film.height}`);
  layer.replaceChildren();
  const there = kinds.filter((kind) => film.has(kind));
  const overlays = there.map((kind) => new WindowOverlay(layer, kind, film.points(kind), hasPoints));
  return Object.fromEntries(overlays.map((overlay) => [overlay.kind, overlay]));
}

export class WindowOverlay {
  /** hasPoints: whether the N x N points are drawn; in a very small picture they hide it.
   * @param {Element} parent @param {string} kind @param {number} size */
  constructor(parent, kind, size, hasPoints = true) {
    this.group = svg("g", { class: `window ${kind}`, "data-kind": kind }, parent);
    this.trail = svg("polyline", { class: "trail" }, this.group);
    this.past = svg("g", { class: "past" }, this.group);
    this.points = svg("g", { class: "points" }, this.group);
    this.circles = Array.from({ length: hasPoints ? size * size : 0 }, () => svg("circle", {}, this.points));
    this.border = svg("rect", { class: "border" }, this.group);
    this.centre = svg("path", { class: "centre" }, this.group);
    this.kind = kind;
    this.size = size;
    /** @type {SVGElement[]} */ this.dots = [];
  }

  /** An upright cross for writing, a slanted one for reading. @param {number} x @param {number} y */
  cross(x, y) {
    const a = 0.6;
    return this.kind === "write"
      ? `M${x - a} ${y}H${x + a}M${x} ${y - a}V${y + a}`
      : `M${x - a} ${y - a}L${x + a} ${y + a}M${x - a} ${y + a}L${x + a} ${y - a}`;
  }

  /** windows: those of steps 1..t of one sample; the last one is drawn. @param {FilmWindow[]} windows */
  show(windows) {
    const now = windows.at(-1);
    this.group.toggleAttribute("hidden", !now);
    if (!now) return;
    const { gX, gY, delta, sigma } = now;
    const n = now.size;
    // Each of the N x N points stands for a cell one stride wide: the border holds all cells.
    const side = n * delta;
    set(this.border, { x: gX - side / 2, y: gY - side / 2, width: side, height: side });
    for (const part of [this.border, this.points]) part.setAttribute("transform", turned(now, side));
    this.border.style.strokeWidth = `${borderWidth(sigma)}`;
    for (let j = 0, k = 0; k < this.circles.length; j++) {
      const y = gY + (j - (n - 1) / 2) * delta; // eq 20
      for (let i = 0; i < n; i++, k++) {
        const x = gX + (i - (n - 1) / 2) * delta; // eq 19
        set(this.circles[k], { cx: x, cy: y, r: sigma || delta / 8 }); // a dot, where it has no filters
      }
    }
    // Circles on top of one another must not hide the picture.
    this.points.style.opacity = `${Math.max(0.3, Math.min(1, (1.5 * delta) / (sigma || delta)))}`;
    this.centre.setAttribute("d", this.cross(gX, gY));
    const last = windows.slice(-TRAIL);
    this.trail.setAttribute("points", last.map((w) => `${w.gX},${w.gY}`).join(" "));
    this.showPast(last.slice(0, -1));
  }

  showPast(/** @type {GridWindow[]} */ windows) {
    while (this.dots.length < windows.length) this.dots.push(svg("circle", {}, this.past));
    this.dots.forEach((dot, t) => {
      dot.toggleAttribute("hidden", t >= windows.length);
      if (t >= windows.length) return;
      const age = 1 - (t + 1) / windows.length; // older dots are smaller
      set(dot, { cx: windows[t].gX, cy: windows[t].gY, r: 0.27 - 0.15 * age });
    });
  }
}
