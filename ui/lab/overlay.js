// Windows over the picture, as SVG in the image's own coordinates: the centre of the first pixel is
// (0, 0), so every attribute is a number of the window (eqs 19, 20) and not of the screen.

import { set, svg } from "../kit/svg.js";
import { gridPoint } from "../kit/window.js";

/** The border is as wide as the filters are precise (1 / sigma), in screen pixels. @param {number} sigma */
const labBorder = (sigma) => Math.min(7, Math.max(1.5, 2.5 / sigma));

const HANDLE = 8; // screen pixels between a window and its handles

/** Where the handles of a window stand, in the picture's pixels; unit is one screen pixel of them.
 * @param {GridWindow} w @param {number} n @param {number} unit @param {Room} room */
export function handlesOf(w, n, unit, room) {
  const half = (n * w.delta) / 2 + HANDLE * unit;
  const y = gridPoint(w.gY, w.delta, n, Math.floor((n - 1) / 2));
  const edge = ((n - 1) / 2) * w.delta + w.sigma + 2 * HANDLE * unit;
  // To the right, or to the left where there is no room, or as far as there is room.
  let x = w.gX + edge;
  let side = 1;
  if (x > room.right && w.gX - edge >= room.left) [x, side] = [w.gX - edge, -1];
  x = Math.min(room.right, Math.max(room.left, x));
  return {
    corners: [0, 1, 2, 3].map((k) => {
      const [a, b] = [k % 2 ? 1 : -1, k > 1 ? 1 : -1];
      return { a, b, x: w.gX + a * half, y: w.gY + b * half };
    }),
    spread: { x, y, side, from: w.gX + (side * (n - 1) * w.delta) / 2 },
  };
}

/** @typedef {Record<"left" | "right" | "top" | "bottom", number>} Room */

class LabWindow {
  shaped = "";

  /** @param {Element} parent @param {string} kind */
  constructor(parent, kind) {
    this.group = svg("g", { class: `window ${kind}`, "data-kind": kind }, parent);
    this.body = svg("g", { class: "body" }, this.group);
    this.points = svg("path", { class: "points" }, this.body);
    this.shade = svg("rect", { class: "shade" }, this.body);
    this.border = svg("rect", { class: "border" }, this.body);
    this.centre = svg("path", { class: "centre" }, this.body);
    this.handles = svg("g", { class: "handles" }, this.group);
    this.leader = svg("path", { class: "leader" }, this.handles);
    this.corners = Array.from({ length: 4 }, () => svg("rect", { class: "corner" }, this.handles));
    this.spread = svg("circle", { class: "spread" }, this.handles);
    this.slanted = kind.endsWith("read");
    this.hide();
  }

  hide() {
    this.group.toggleAttribute("hidden", true);
  }

  /** unit: one screen pixel in the picture's pixels; room: the view; active: with handles.
   * @param {GridWindow} w @param {number} n @param {number} unit @param {Room} room @param {boolean} active */
  show(w, n, unit, room, active) {
    this.group.toggleAttribute("hidden", false);
    this.shape(w, n, unit);
    this.body.setAttribute("transform", `translate(${w.gX} ${w.gY})`);
    this.handles.toggleAttribute("hidden", !active);
    if (active) this.showHandles(handlesOf(w, n, unit, room), unit);
  }

  /** All but its place, around (0, 0); only when it changes, because a path of many circles is dear.
   * @param {GridWindow} window @param {number} n @param {number} unit */
  shape({ delta, sigma: r }, n, unit) {
    const key = `${n} ${delta} ${r} ${unit}`;
    if (key === this.shaped) return;
    this.shaped = key;
    const side = n * delta;
    const box = { x: -side / 2, y: -side / 2, width: side, height: side };
    set(this.border, box);
    set(this.shade, box);
    const width = labBorder(r);
    this.border.style.strokeWidth = `${width}`;
    this.shade.style.strokeWidth = `${width + 2}`;
    let path = "";
    for (let j = 0; j < n; j++) {
      const y = gridPoint(0, delta, n, j);
      for (let i = 0; i < n; i++) {
        path += `M${gridPoint(0, delta, n, i) - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
      }
    }
    this.points.setAttribute("d", path);
    // Many circles close together or on top of one another must not hide the picture.
    const alone = Math.min(0.75, Math.max(0.3, delta / unit / 14));
    this.points.style.strokeOpacity = `${alone * Math.max(0.25, Math.min(1, (1.5 * delta) / r))}`;
    const a = 6 * unit;
    this.centre.setAttribute(
      "d",
      this.slanted ? `M${-a} ${-a}L${a} ${a}M${-a} ${a}L${a} ${-a}` : `M${-a} 0H${a}M0 ${-a}V${a}`,
    );
  }

  /** @param {ReturnType<typeof handlesOf>} handles @param {number} unit */
  showHandles({ corners, spread }, unit) {
    const s = 9 * unit;
    corners.forEach(({ x, y }, k) =>
      set(this.corners[k], { x: x - s / 2, y: y - s / 2, width: s, height: s, rx: 2 * unit }),
    );
    set(this.spread, { cx: spread.x, cy: spread.y, r: 5.5 * unit });
    this.leader.setAttribute("d", `M${spread.from} ${spread.y}H${spread.x}`);
  }
}

// Everything over the picture: both windows, what is meant where a mistake is on, the model's
// window, and the marks of pointing.
export class LabOverlay {
  /** @type {Room} */ room = { left: 0, right: 0, top: 0, bottom: 0 };
  unit = 1;

  constructor(/** @type {SVGSVGElement} */ root) {
    this.root = root;
    this.ghosts = { write: new LabWindow(root, "ghost of-write"), read: new LabWindow(root, "ghost of-read") };
    this.models = { write: new LabWindow(root, "model of-write"), read: new LabWindow(root, "model of-read") };
    this.write = new LabWindow(root, "write");
    this.read = new LabWindow(root, "read");
    this.frame = svg("rect", { class: "edge" }, root);
    this.arrow = svg("path", { class: "away" }, root);
    this.dot = svg("circle", { class: "lit" }, root);
    this.marker = svg("rect", { class: "marker", width: 1, height: 1 }, root);
  }

  /** @param {number} width @param {number} height @param {number} margin @param {number} zoom */
  fit(width, height, margin, zoom) {
    this.unit = 1 / zoom;
    this.room = {
      left: -0.5 - margin + 8 / zoom,
      right: width - 0.5 + margin - 8 / zoom,
      top: -0.5 - margin + 8 / zoom,
      bottom: height - 0.5 + margin - 8 / zoom,
    };
    this.root.setAttribute("viewBox", `${-0.5 - margin} ${-0.5 - margin} ${width + 2 * margin} ${height + 2 * margin}`);
    set(this.frame, { x: -0.5, y: -0.5, width, height });
  }

  /** ghosts: what is meant, where a mistake is on; model, modelPen: a model's windows, of so many points.
   * @param {Hands & { active: HandName, n: number, ghosts?: Hands | null, model?: GridWindow | null, modelN?: number,
   *   modelPen?: GridWindow | null, modelPenN?: number }} shown */
  show({ eye, pen, active, n, ghosts, model, modelN = n, modelPen, modelPenN = n }) {
    const { unit, room } = this;
    /** @param {LabWindow} shape @param {GridWindow | null | undefined} w @param {number} size */
    const draw = (shape, w, size, isActive = false) => (w ? shape.show(w, size, unit, room, isActive) : shape.hide());
    draw(this.ghosts.read, ghosts?.eye, n);
    draw(this.ghosts.write, ghosts?.pen, n);
    draw(this.models.write, modelPen, modelPenN);
    draw(this.models.read, model, modelN);
    draw(this.write, pen, n, active === "pen");
    draw(this.read, eye, n, active === "eye");
    this.pointAway((active === "pen" && pen) || eye, n);
  }

  /** An arrow at the edge, towards a window that is out of sight. @param {GridWindow} w @param {number} n */
  pointAway(w, n) {
    const { room, unit } = this;
    const half = (n * w.delta) / 2;
    const seen =
      w.gX + half > room.left && w.gX - half < room.right && w.gY + half > room.top && w.gY - half < room.bottom;
    this.arrow.toggleAttribute("hidden", seen);
    if (seen) return;
    const x = Math.min(room.right, Math.max(room.left, w.gX));
    const y = Math.min(room.bottom, Math.max(room.top, w.gY));
    const angle = (Math.atan2(w.gY - y, w.gX - x) * 180) / Math.PI;
    this.arrow.setAttribute("d", "M0 0L-14 -8L-14 8Z");
    this.arrow.setAttribute("transform", `translate(${x} ${y}) rotate(${angle}) scale(${unit})`);
  }

  /** @param {(Point & { r: number }) | null} point @param {Point | null} pixel */
  light(point, pixel) {
    this.dot.toggleAttribute("hidden", !point);
    if (point) set(this.dot, { cx: point.x, cy: point.y, r: Math.max(point.r, 3 * this.unit) });
    this.marker.toggleAttribute("hidden", !pixel);
    if (pixel) set(this.marker, { x: pixel.x - 0.5, y: pixel.y - 0.5 });
  }
}
