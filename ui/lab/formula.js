// Equations 19 to 29 in words, in symbols, and with the numbers of the moment.

import { findAll, setText } from "../kit/element.js";
import { filterRows, gridPoint, MIN_SIGMA2 } from "../kit/window.js";
import { shown } from "./controls.js";

const LAB_FORMULA = `
<h2>Where the points stand<small>eqs 19, 20</small></h2>
<p class="words">Each point is a whole or half number of strides from the centre. Down the page it is the same, with <var>g<sub>Y</sub></var> (eq 20).</p>
<p class="eq"><var>μ<sub>X</sub><sup>i</sup></var> = <var>g<sub>X</sub></var> + (<var>i</var> − <var>N</var>/2 − ½) <var>δ</var>, &nbsp;<var>i</var> = 1 … <var>N</var></p>
<table><tbody>
<tr><th>pixels from 0, as on this page</th><td><b data-f="gx0"></b> + (<var>i</var> − <b data-f="half"></b> − ½) · <b data-f="delta"></b></td></tr>
<tr><th>pixels from 1, as in the paper</th><td><b data-f="gx1"></b> + (<var>i</var> − <b data-f="half"></b> − ½) · <b data-f="delta"></b></td></tr>
<tr><th>so the points, counted from 0, stand at</th><td><var>x</var> <b data-f="fromX"></b> … <b data-f="toX"></b>, <var>y</var> <b data-f="fromY"></b> … <b data-f="toY"></b></td></tr>
</tbody></table>
<h2>How each one weighs the pixels<small>eqs 25, 26</small></h2>
<p class="words">A bell around the point, divided by its sum <var>Z</var>, so that every row adds up to 1. Here filters are counted from 1 and pixels from 0. It is the same for <var>F<sub>Y</sub></var>, with <var>μ<sub>Y</sub></var>.</p>
<p class="eq"><var>F<sub>X</sub></var>[<var>i</var>, <var>a</var>] = exp(−(<var>a</var> − <var>μ<sub>X</sub><sup>i</sup></var>)² / 2<var>σ</var>²) / <var>Z<sub>X</sub></var></p>
<p class="now" data-ref="bell"><var>F<sub>X</sub></var>[<b data-f="i"></b>, <b data-f="a"></b>] = exp(−(<b data-f="a"></b> − <b data-f="mu"></b>)² / <b data-f="twoVariance"></b>) / <b data-f="z"></b> = <b data-f="weight"></b></p>
<p class="words" data-f="far"></p>
<h2>Reading<small>eq 27, for the picture alone</small></h2>
<p class="words">Two matrix products, one for the rows and one for the columns, times the intensity.</p>
<p class="eq"><var>r</var> = <var>γ</var> <var>F<sub>Y</sub></var> <var>x</var> <var>F<sub>X</sub></var><sup>T</sup></p>
<p class="now"><b data-f="patchShape"></b> = <b data-f="gamma"></b> · <b data-f="shapeY"></b> · <b data-f="shapeImage"></b> · <b data-f="shapeX"></b></p>
<h2>Writing<small>eqs 28, 29, here with <var>w</var> = <var>r</var></small></h2>
<p class="words">The transposed filters of the window that writes, which have a hat. They are no inverse: what a filter has blurred stays blurred.</p>
<p class="eq">write = (1 / <var>γ̂</var>) <var>F̂<sub>Y</sub></var><sup>T</sup> <var>w</var> <var>F̂<sub>X</sub></var></p>
<p class="words" data-f="penWords"></p>
<p class="now"><b data-f="shapeImage"></b> = 1/<b data-f="penGamma"></b> · <b data-f="shapeYT"></b> · <b data-f="patchShape"></b> · <b data-f="shapeXT"></b></p>
<h2>What a decoder gives out to get this window<small>eqs 21–24</small></h2>
<p class="words">Five numbers from its state, three of them as logarithms so that <var>σ</var>², <var>δ</var> and <var>γ</var> are never negative. <var>A</var> is the picture’s width, <var>B</var> its height.</p>
<table class="raw"><tbody>
<tr><td><var>g̃<sub>X</sub></var> <b data-f="rawX"></b></td><td><var>g̃<sub>Y</sub></var> <b data-f="rawY"></b></td><td>log <var>σ</var>² <b data-f="rawSigma"></b></td><td>log <var>δ̃</var> <b data-f="rawDelta"></b></td><td>log <var>γ</var> <b data-f="rawGamma"></b></td></tr>
</tbody></table>
<p class="now"><var>g<sub>X</sub></var> = (<var>A</var> + 1) / 2 · (<var>g̃<sub>X</sub></var> + 1) = <b data-f="halfWidth"></b> · (<b data-f="rawX"></b> + 1) = <b data-f="gx1"></b> &nbsp;counted from 1</p>
<p class="now"><var>δ</var> = (max(<var>A</var>, <var>B</var>) − 1) / (<var>N</var> − 1) · <var>δ̃</var> = <b data-f="unit"></b> · <b data-f="factor"></b> = <b data-f="delta"></b></p>
`;

export class Formula {
  constructor(/** @type {Lab} */ lab) {
    this.lab = lab;
    lab.refs.formula.innerHTML = LAB_FORMULA;
    this.fields = findAll(lab.refs.formula, HTMLElement, "[data-f]");
    this.bell = findAll(lab.refs.formula, HTMLElement, "[data-ref=bell]")[0];
  }

  draw() {
    const numbers = this.numbers();
    for (const field of this.fields) setText(field, numbers[String(field.dataset.f)]);
    this.bell.hidden = Boolean(numbers.far);
  }

  /** Of the window that reads; of the filter that is lit, or of the first. @returns {Record<string, string>} */
  numbers() {
    const { look, n, linked, eye: w } = this.lab;
    const { width, height } = look;
    const i = Math.max(0, linked.filters[0]);
    const mu = gridPoint(w.gX, w.delta, n, i);
    const a = Math.min(width - 1, Math.max(0, linked.pixelLit?.x ?? Math.round(mu)));
    const two = 2 * Math.max(MIN_SIGMA2, w.sigma ** 2);
    let z = 0;
    for (let p = 0; p < width; p++) z += Math.exp(-((p - mu) ** 2) / two);
    const weight = filterRows(mu, 0, w.sigma ** 2, 1, width)[a];
    const unit = (Math.max(width, height) - 1) / (n - 1);
    // Of bells that far from all pixels (or that narrow) only the ratios are numbers.
    const far =
      z < 1e-4
        ? `The bell of filter ${i + 1} is nearly 0 on every pixel, so only ratios count: `
          + `pixel ${a} has the share ${shown(weight)}.`
        : "";
    const { penOn, full } = this.lab;
    return {
      far,
      penWords: penOn
        ? "The window that writes has numbers of its own."
        : full
          ? "Here the same window writes, with γ̂ = γ / δ²."
          : "Here the same window writes, with γ̂ = γ.",
      gx0: shown(w.gX),
      gx1: shown(w.gX + 1),
      half: `${n / 2}`,
      delta: shown(w.delta),
      fromX: shown(gridPoint(w.gX, w.delta, n, 0)),
      toX: shown(gridPoint(w.gX, w.delta, n, n - 1)),
      fromY: shown(gridPoint(w.gY, w.delta, n, 0)),
      toY: shown(gridPoint(w.gY, w.delta, n, n - 1)),
      i: `${i + 1}`,
      a: `${a}`,
      mu: shown(mu),
      twoVariance: shown(two),
      z: shown(z),
      weight: shown(weight),
      patchShape: `${n}×${n}`,
      gamma: shown(w.gamma),
      shapeY: `${n}×${height}`,
      shapeImage: `${height}×${width}`,
      shapeX: `${width}×${n}`,
      penGamma: shown(this.lab.penGamma),
      shapeYT: `${height}×${n}`,
      shapeXT: `${n}×${width}`,
      rawX: shown((2 * (w.gX + 1)) / (width + 1) - 1),
      rawY: shown((2 * (w.gY + 1)) / (height + 1) - 1),
      rawSigma: shown(2 * Math.log(w.sigma)),
      rawDelta: shown(Math.log(w.delta / unit)),
      rawGamma: shown(Math.log(w.gamma)),
      halfWidth: shown((width + 1) / 2),
      unit: shown(unit),
      factor: shown(w.delta / unit),
    };
  }
}
