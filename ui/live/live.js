// A network in the visitor's browser, as a component asks it. All components of a page share one worker.

/** @typedef {import("./worker.js").Asked} Asked
 * @typedef {import("./trace.js").Trace} Trace */

class Live {
  /** @param {string} script of the worker */
  constructor(script) {
    const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    this.worker = new Worker(url, { type: "module" });
    this.count = 0;
    /** @type {Map<number, { resolve: (made: Trace | null) => void, reject: (fault: Error) => void }>} */
    this.waiting = new Map();
    this.worker.onmessage = ({ data: { id, made, fault } }) => {
      const { resolve, reject } = /** @type {any} */ (this.waiting.get(id));
      this.waiting.delete(id);
      if (fault) reject(new Error(fault));
      else resolve(made);
    };
    this.worker.onerror = () => {
      for (const { reject } of this.waiting.values()) reject(new Error("The worker did not start."));
      this.waiting.clear();
    };
  }

  /** @param {Asked} asked @returns {Promise<Trace | null>} null where no image was shown */
  ask(asked) {
    this.count += 1;
    const id = this.count;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, asked });
    });
  }
}

/** A network that can be asked; of several questions while it computes, it hears the last. */
export class LiveNetwork {
  ready = false;
  busy = false;
  /** @type {Float32Array | null} */ next = null;

  /** @param {string} script of the worker @param {Omit<Asked, "image">} network
   * @param {(made: Trace, image: Float32Array) => void} made is called with each film
   * @param {(ready: boolean) => void} came says whether the network is there, and later if it is gone */
  constructor(script, network, made, came) {
    this.came = came;
    const shared = /** @type {{ drawLive?: Live }} */ (/** @type {unknown} */ (document));
    shared.drawLive ??= new Live(script);
    this.live = shared.drawLive;
    this.network = { ...network, url: new URL(network.url, location.href).href }; // a worker has no address
    this.made = made;
    this.live.ask({ ...this.network, image: null }).then(
      () => this.tell(true),
      () => this.tell(false), // then the server serves
    );
  }

  tell(/** @type {boolean} */ ready) {
    this.ready = ready;
    this.came(ready);
  }

  /** @param {Float32Array} image */
  async show(image) {
    if (!this.ready) return;
    this.next = image;
    if (this.busy) return;
    this.busy = true;
    while (this.next) {
      const now = this.next;
      this.next = null;
      try {
        const made = await this.live.ask({ ...this.network, image: now });
        if (made) this.made(made, now);
      } catch {
        this.tell(false);
      }
    }
    this.busy = false;
  }
}
