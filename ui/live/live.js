// A network in the visitor's browser, as a component asks it. All components of a page share one worker.

/** @typedef {import("./worker.js").Network} Network
 * @typedef {import("./worker.js").Question} Question
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {(from: number, made: Trace) => void} Came with a part of an answer: that from an image on */

export const AT_ONCE = 16; // images of a larger batch come as they are made, so many at a time

class Live {
  /** @param {string} script of the worker */
  constructor(script) {
    const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    this.worker = new Worker(url, { type: "module" });
    this.count = 0;
    /** @type {Map<number, { came: Came, end: () => void, fail: (fault: Error) => void }>} */
    this.waiting = new Map();
    this.worker.onmessage = ({ data: { id, from, made, end, fault } }) => {
      const asked = this.waiting.get(id);
      if (made) asked?.came(from, made);
      else this.waiting.delete(id);
      if (end) asked?.end();
      if (fault) asked?.fail(new Error(fault));
    };
    this.worker.onerror = () => {
      for (const { fail } of this.waiting.values()) fail(new Error("The worker did not start."));
      this.waiting.clear();
    };
  }

  /** @param {Network & Partial<Question>} asked @param {Came} came
   * @returns {{ stop: () => void, end: Promise<void> }} end is when all has come, or after a stop */
  ask(asked, came = () => {}) {
    this.count += 1;
    const id = this.count;
    /** @type {Promise<void>} */ const end = new Promise((resolve, reject) => {
      this.waiting.set(id, { came, end: resolve, fail: reject });
      this.worker.postMessage({ id, asked, atOnce: AT_ONCE });
    });
    return { stop: () => this.worker.postMessage({ id, stop: true }), end };
  }
}

/** A network that can be asked; of several questions while it computes, it hears the last. */
export class LiveNetwork {
  ready = false;
  /** @type {Question | null} */ next = null;
  /** @type {(() => void) | null} */ stop = null; // of the question that it works on

  /** @param {string} script of the worker @param {Network} network
   * @param {(made: Trace, asked: Question, done: number) => void} made is called as images come: with
   *   those of the whole batch, of which so many are done and the others still 0
   * @param {(ready: boolean) => void} came says whether the network is there, and later if it is gone */
  constructor(script, network, made, came) {
    this.came = came;
    const shared = /** @type {{ drawLive?: Live }} */ (/** @type {unknown} */ (document));
    shared.drawLive ??= new Live(script);
    this.live = shared.drawLive;
    const at = (/** @type {string | undefined} */ url) => url && new URL(url, location.href).href;
    this.network = { ...network, url: String(at(network.url)), whole: at(network.whole) }; // a worker has no address
    this.made = made;
    this.live.ask(this.network).end.then(
      () => this.tell(true),
      () => this.tell(false), // then the server serves
    );
  }

  tell(/** @type {boolean} */ ready) {
    this.ready = ready;
    this.came(ready);
  }

  /** @param {Question} question */
  async ask(question) {
    if (!this.ready) return;
    this.next = question;
    this.stop?.();
    if (this.stop) return;
    while (this.next) {
      const now = this.next;
      this.next = null;
      const { num_steps: T, z_size: Z } = this.network.config;
      const batch = now.noise.length / (T * Z);
      /** @type {Trace | null} */ let whole = null;
      const asked = this.live.ask({ ...this.network, ...now }, (from, made) => {
        whole = joined(whole, made, from, batch);
        this.made(whole, now, from + countOf(made)); // also if it is asked again: a hand that never rests sees it
      });
      this.stop = asked.stop;
      try {
        await asked.end;
      } catch {
        this.tell(false);
      }
      this.stop = null;
    }
  }
}

const countOf = (/** @type {Trace} */ { tensors }) => tensors.z.shape[1];

/** A part of a batch put in its place among the others. @param {Trace | null} whole so far
 * @param {Trace} part @param {number} from its first image @param {number} batch of all @returns {Trace} */
function joined(whole, part, from, batch) {
  const count = countOf(part);
  if (count === batch) return part;
  const steps = part.tensors.canvases.shape[0];
  const put = (/** @type {any} */ all, /** @type {any} */ some, /** @type {number} */ T) => {
    const size = some.length / (T * count);
    const into = all ?? new some.constructor(T * batch * size);
    for (let t = 0; t < T; t++) {
      into.set(some.subarray(t * count * size, (t + 1) * count * size), (t * batch + from) * size);
    }
    return into;
  };
  /** @type {Tensors} */ const tensors = {};
  for (const [name, { shape, data }] of Object.entries(part.tensors)) {
    const [T, , ...rest] = shape;
    tensors[name] = { shape: [T, batch, ...rest], data: put(whole?.tensors[name].data, data, T) };
  }
  const logits = put(whole?.logits, part.logits, steps);
  const add = (/** @type {"nll" | "latentLoss"} */ name) => (whole?.[name] ?? 0) + part[name];
  return { tensors, logits, nll: add("nll"), latentLoss: add("latentLoss") };
}
