// Samples and the pictures nearest to them: training images, or the other samples. Choosing happens
// here; the address follows.

import { component, refsIn, UNSET } from "../kit/component.js";
import { childrenOf, findAll, make, parentOf } from "../kit/element.js";
import { plainKey } from "../kit/keys.js";
import { clamp } from "../kit/number.js";
import { nearlyWhole, Pixels, paintBytes, setSize } from "../kit/pixels.js";
import { parseSafetensors } from "../kit/safetensors.js";
import { svg } from "../kit/svg.js";
import { followAddress } from "../player/address.js";
import { Cells } from "../player/cells.js";
import { GAP_COLOUR } from "../player/paint.js";
import { REPORT_MS } from "../player/playback.js";
import { sampleName } from "../player/samples.js";

const LANE = { left: 148, right: 16, height: 34, dot: 4.5 };

/** @typedef {RefsWith<Record<"gridCanvas" | "sample", HTMLCanvasElement> & Record<"lanes", SVGSVGElement>>} Refs */

/** @typedef {Record<"image" | "difference", Pixels> & { figure: HTMLElement, words: HTMLElement }} Neighbour */

class Nearest {
  count = 0;
  k = 0;
  /** @type {any} */ meta = null;
  /** @type {Tensors} */ tensors = {};
  /** @type {Shape} */ shape = UNSET;
  /** @type {Neighbour[]} */ five = [];
  size = 0;
  frame = 0;

  constructor(/** @type {ParentNode} */ parent) {
    /** @type {Refs} */ this.refs = refsIn(parent);
    const { refs } = this;
    this.grid = new Pixels(refs.gridCanvas);
    this.sample = new Pixels(refs.sample);
    this.chosen = 0;
    this.what = "samples";
    for (const input of findAll(refs.root, HTMLInputElement, "[data-what]")) {
      input.onchange = () => {
        this.what = input.value;
        this.drawGrid();
      };
    }
    this.cells = new Cells(refs.cells, (sample) => this.choose(sample));
    refs.cells.onkeydown = (event) => this.key(event);
    this.resizer = new ResizeObserver(() => {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => {
        this.fit();
        this.drawLanes();
      });
    });
    this.resizer.observe(refs.root);
  }

  load(/** @type {Uint8Array} */ bytes) {
    const { meta, tensors } = parseSafetensors(bytes);
    if (this.meta?.id === meta.id) {
      this.meta = meta;
      return;
    }
    if (!this.meta) this.chosen = meta.sample ?? 0;
    this.meta = meta;
    this.tensors = tensors;
    this.trained = meta.among === "training images";
    this.one = this.trained ? "training image" : "other sample";
    this.refs.brighter.textContent = `brighter in the ${this.one}`;
    const [count, channels, height, width] = tensors.samples.shape;
    const k = tensors.indices.shape[1];
    this.count = count;
    this.k = k;
    this.shape = { channels, height, width };
    this.size = channels * height * width;
    this.chosen = clamp(this.chosen, 0, count - 1);
    this.refs.root.style.setProperty("--ratio", `${width} / ${height}`);
    const nameOf = (/** @type {number} */ s) => `${this.nameOf(s)}; nearest at ${this.distance(s, 0).toFixed(2)}`;
    this.cells.build(Array.from({ length: count }, (_, s) => nameOf(s)));
    this.buildFive();
    this.fit();
    this.choose(this.chosen);
  }

  close() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.resting);
    this.resizer.disconnect();
  }

  /** @param {string} name @param {number} index */
  image(name, index) {
    return this.tensors[name].data.subarray(index * this.size, (index + 1) * this.size);
  }

  /** @param {number} sample @param {number} rank */
  distance(sample, rank) {
    return this.tensors.distances.data[sample * this.k + rank];
  }

  nameOf(/** @type {number} */ sample) {
    return sampleName(sample, this.count, this.meta.looks[sample]);
  }

  buildFive() {
    this.five = Array.from({ length: this.k }, () => {
      const [image, difference] = ["image", "difference"].map((name) =>
        make("canvas", { class: `pixels ${name}`, role: "img" }),
      );
      const words = make("figcaption", {}, make("b"), make("small"));
      const figure = make("figure", {}, image, words, difference);
      return { figure, image: new Pixels(image), difference: new Pixels(difference), words };
    });
    this.refs.five.replaceChildren(...this.five.map(({ figure }) => figure));
  }

  // As many columns as make it square; pixels are whole numbers of screen pixels, unless that leaves
  // much of the room empty.
  fit() {
    if (!this.meta) return;
    const { refs, count } = this;
    const { height, width } = this.shape;
    const columns = Math.ceil(Math.sqrt(count));
    const rows = Math.ceil(count / columns);
    const across = columns * (width + 1) - 1;
    const room = Math.min(parentOf(refs.montage).clientWidth, 470);
    setSize(refs.montage, { width: across, height: rows * (height + 1) - 1 }, nearlyWhole(room / across, 0.8));
    this.cells.lay(columns);
    this.drawGrid();
  }

  drawGrid() {
    const { count, shape } = this;
    const { columns } = this.cells;
    const stride = columns * (shape.width + 1) - 1;
    this.grid.resize(stride, Math.ceil(count / columns) * (shape.height + 1) - 1);
    this.grid.data.fill(GAP_COLOUR);
    for (let s = 0; s < count; s++) {
      const bytes = this.what === "samples" ? this.image("samples", s) : this.image("neighbours", s * this.k);
      const [left, top] = [(s % columns) * (shape.width + 1), Math.floor(s / columns) * (shape.height + 1)];
      paintBytes(this.grid.data, stride, left, top, bytes, shape);
    }
    this.grid.show();
    this.refs.gridTitle.textContent =
      this.what === "samples" ? `${count} samples of ${this.meta.model}` : `For each, the nearest ${this.one}`;
  }

  choose(/** @type {number} */ sample) {
    const { refs, shape } = this;
    this.chosen = sample;
    this.cells.mark(sample);
    const bytes = this.image("samples", sample);
    this.sample.bytes(bytes, shape);
    refs.sample.setAttribute("aria-label", this.nameOf(sample));
    refs.sampleName.textContent = `Sample ${sample + 1}`;
    this.five.forEach((parts, rank) => this.drawNeighbour(parts, rank, bytes));
    this.drawVerdict();
    this.drawLanes();
    refs.root.dataset.painted = `${this.meta.id}:${sample}`;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      refs.spoken.textContent = refs.verdict.textContent;
      followAddress(this.meta.link, { sample: sample + 1 });
    }, REPORT_MS);
  }

  /** @param {Neighbour} parts @param {number} rank @param {Uint8Array} sample */
  drawNeighbour({ image, difference, words }, rank, sample) {
    const { shape, k, chosen } = this;
    const { channels, height, width } = shape;
    const bytes = this.image("neighbours", chosen * k + rank);
    image.bytes(bytes, shape);
    const apart = Float32Array.from(sample, (value, i) => value - bytes[i]);
    difference.signed(apart, channels, height, width, 255);
    const index = this.tensors.indices.data[chosen * k + rank];
    const text = this.distance(chosen, rank).toFixed(2);
    const [number, named] = childrenOf(words);
    number.textContent = text;
    const name = this.trained ? `no. ${index.toLocaleString("en")}` : `sample ${index + 1}`;
    named.textContent = name;
    image.element.setAttribute(
      "aria-label",
      `${this.trained ? `Training image ${name}` : `Sample ${index + 1}`}, distance ${text}`,
    );
    difference.element.setAttribute("aria-label", `The chosen sample minus this ${this.one}`);
  }

  drawVerdict() {
    const { refs, chosen, count, meta } = this;
    const own = this.distance(chosen, 0);
    const far = `<b>${own.toFixed(2)}</b> away`;
    if (!this.trained) {
      const closer = Array.from({ length: count }, (_, s) => this.distance(s, 0)).filter((d) => d < own).length;
      refs.verdict.innerHTML = `The nearest of the ${meta.images} other samples is ${far}. ${closer} of the ${count} samples have a nearer one.`;
      return;
    }
    const real = this.tensors.real.data;
    const nearer = real.filter((/** @type {number} */ d) => d < own).length;
    refs.verdict.innerHTML =
      `Its nearest of ${meta.images.toLocaleString("en")} training images is ${far}. `
      + `Of ${real.length} real test images, ${nearer} lie nearer to the training set than that and ${real.length - nearer} farther.`;
  }

  // One dot for each sample, and for each test image where there are any, at its distance to the nearest.
  drawLanes() {
    const { refs, tensors, count, k, chosen } = this;
    if (!this.meta) return;
    const chart = refs.lanes;
    const width = Math.max(240, parentOf(chart).clientWidth);
    const samples = Array.from({ length: count }, (_, s) => this.distance(s, 0));
    /** @type {[string, number[]][]} */ const lanes = [["Samples", samples]];
    if (this.trained) lanes.push(["Real test images", [...tensors.real.data]]);
    const most = Math.max(1, ...lanes.flatMap(([, values]) => values)) * 1.04;
    const x = (/** @type {number} */ d) => LANE.left + (d / most) * (width - LANE.left - LANE.right);
    const bottom = lanes.length * LANE.height + 4;
    chart.setAttribute("viewBox", `0 0 ${width} ${bottom + 22}`);
    chart.replaceChildren();
    const step = [0.5, 1, 2, 5, 10].find((s) => most / s <= 10) ?? 20;
    for (let d = 0; d <= most; d += step) {
      svg("line", { x1: x(d), x2: x(d), y1: 0, y2: bottom }, chart);
      svg("text", { x: x(d), y: bottom + 16, "text-anchor": "middle", class: "faint", text: d }, chart);
    }
    const medians = lanes.map(([name, values], lane) => {
      const y = lane * LANE.height + LANE.height / 2 + 2;
      svg("text", { x: 0, y: y + 4, text: name }, chart);
      values.forEach((d, i) => svg("circle", { cx: x(d), cy: y + (((i * 7) % 9) - 4) * 2.2, r: LANE.dot }, chart));
      const middle = [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
      svg("line", { x1: x(middle), x2: x(middle), y1: y - 14, y2: y + 14, class: "median" }, chart);
      return `${middle.toFixed(1)} for ${name.toLowerCase()}`;
    });
    svg("circle", { cx: x(samples[chosen]), cy: LANE.height / 2 + 2, r: 6.5, class: "chosen" }, chart);
    const bars = `${lanes.length > 1 ? "Bars mark the medians" : "The bar marks the median"}: ${medians.join(", ")}.`;
    chart.setAttribute("aria-label", `Distance to the nearest ${this.one}. ${bars} ${k} neighbours are shown above.`);
    refs.lanesWords.textContent =
      `The distance to the nearest ${this.one} is the root of the sum of squared differences of all pixels, black 0 `
      + `and white 1. ${bars}`;
  }

  key(/** @type {KeyboardEvent} */ event) {
    const end = { Home: 0, End: this.count - 1 }[plainKey(event)];
    if (end === undefined) {
      this.cells.key(event, this.refs.cells, this.chosen);
    } else {
      event.preventDefault();
      this.cells.goTo(end);
    }
  }
}

export default component(Nearest);
