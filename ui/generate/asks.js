// What is painted on Generate: how many samples, how bold, of which seed. Answered by the network in the
// browser where it can run there.

import { clamp } from "../kit/number.js";
import { noiseOf } from "../live/generator.js";
import { AT_ONCE, LiveNetwork } from "../live/live.js";

/** @typedef {{ n: number, seed: number, temperature: number }} Asked as ui/generate/page.py has it
 * @typedef {{ url: string, whole: string, config: import("../live/draw.js").Config, asked: Asked,
 *   most: { n: number, seed: number, temperature: number }, step: number }} LiveModel
 * @typedef {{ made: (made: import("../live/trace.js").Trace, asked: Asked, isFirst: boolean) => void,
 *   failed: () => void, explain: (on: boolean) => void }} Answers */

const SHORT = 10_000; // seeds that are drawn are short enough to be read aloud

/** z_t of a batch: standard normal noise times the temperature (eq 13).
 * @param {import("../live/draw.js").Config} config @param {Asked} asked */
export const latentsOf = (config, { n, seed, temperature }) =>
  noiseOf(config, n, seed).map((value) => temperature * value);

export class Asks {
  /** @type {LiveModel | null} */ model = null;
  /** @type {LiveNetwork | null} */ network = null;
  isWaiting = false; // for the network, to answer what was asked meanwhile
  /** @type {Asked} */ asked = { n: 1, seed: 0, temperature: 1 };

  /** @param {any} refs of live_stage.html @param {Answers} answers */
  constructor(refs, answers) {
    this.refs = refs;
    this.answers = answers;
    for (const name of /** @type {const} */ (["n", "temperature", "seed"])) {
      refs[name].oninput = () => {
        const value = Number(refs[name].value);
        if (refs[name].value === "" || !Number.isFinite(value)) return; // while it is typed
        this.change({ [name]: name === "temperature" ? value : Math.round(value) });
      };
      refs[name].onchange = () => this.draw(); // what could not be is put right
    }
    refs.another.onclick = () => {
      const drawn = Math.floor(Math.random() * (SHORT - 1));
      this.change({ seed: drawn + Number(drawn >= this.asked.seed) });
    };
    refs.explain.onchange = () => answers.explain(refs.explain.checked);
  }

  get explains() {
    return this.refs.explain.checked;
  }

  /** Another model, or none that can run here. @param {LiveModel | null} model */
  load(model) {
    const { refs } = this;
    refs.asks.hidden = !model;
    const isSame = this.model?.url === model?.url;
    this.model = model;
    if (!model) return;
    this.asked = { ...model.asked };
    for (const name of /** @type {const} */ (["n", "temperature", "seed"])) refs[name].max = String(model.most[name]);
    refs.temperature.step = String(model.step);
    this.draw();
    if (isSame) return;
    const { url, whole, config } = model;
    const network = new LiveNetwork(
      refs.worker.textContent ?? "",
      { url, whole, config },
      (made, question, done) => {
        const { asked, isFirst } = /** @type {any} */ (question);
        if (network !== this.network) return;
        this.answers.made(made, asked, isFirst && done === Math.min(AT_ONCE, asked.n));
        refs.asks.dataset.busy = String(done < asked.n);
      },
      (ready) => {
        if (network !== this.network) return;
        refs.asks.dataset.live = ready ? "browser" : "server";
        if (!ready) this.answers.failed();
        else if (this.isWaiting) this.ask(false);
      },
    );
    this.network = network;
  }

  /** @param {Partial<Asked>} change */
  change(change) {
    if (!this.model) return;
    const { most } = this.model;
    const wanted = { ...this.asked, ...change };
    this.asked = {
      n: clamp(wanted.n, 1, most.n),
      seed: clamp(wanted.seed, 0, most.seed),
      temperature: clamp(wanted.temperature, 0, most.temperature),
    };
    this.draw();
    this.ask("seed" in change);
  }

  /** @param {boolean} isFirst whether the pictures are others, and not the same ones changed */
  ask(isFirst) {
    if (!this.model || !this.network) return;
    this.isWaiting = !this.network.ready;
    this.refs.asks.dataset.busy = "true";
    const noise = latentsOf(this.model.config, this.asked);
    this.network.ask(/** @type {any} */ ({ noise, asked: { ...this.asked }, isFirst }));
  }

  draw() {
    const { refs, asked } = this;
    refs.n.value = String(asked.n);
    refs.temperature.value = String(asked.temperature);
    if (Number(refs.seed.value) !== asked.seed || refs.seed.value === "") refs.seed.value = String(asked.seed);
    refs.nOut.textContent = String(asked.n);
    refs.temperatureOut.textContent = asked.temperature.toFixed(2);
  }
}
