// Types that the scripts share, known in all of them without an import.

type Call = import("./kit/component.js").Call;
type Shape = import("./kit/pixels.js").Shape;
type Pixels = import("./kit/pixels.js").Pixels;
type Tensor = import("./kit/safetensors.js").Tensor;
type Tensors = import("./kit/safetensors.js").Tensors;
type Numbers = ArrayLike<number>;
type Context = CanvasRenderingContext2D;
type Point = { x: number; y: number };
type Size = { width: number; height: number };
type Letter = "a" | "b"; // of two models
type Both<T> = { a: T; b: T };

/** Where a window is (see kit/window.js), and with the number of its points on a side. */
type GridWindow = import("./kit/window.js").Window;
/** corners: x and y of each, where it follows from no rule; then it has neither sigma nor gamma (NaN), and own
 * are the numbers that the network chose, by their labels. */
type FilmWindow = GridWindow & { size: number; corners?: number[]; own?: Record<string, number> };

/** The elements of a markup by their data-ref: some of special kinds, all others HTML elements. */
type RefsWith<Special> = Special & Record<string, HTMLElement>;

type Film = import("./player/film.js").Film;
/** What a player shows of a canvas: { what: "canvas" | "change", unit: "probability" | "logit" }. */
type Look = import("./player/paint.js").Look;
type StageRefs = import("./stage/view.js").Refs;
type LoopRefs = import("./diagram/loop.js").Refs;
type Run = import("./diagram/run.js").Run;
type Twin = import("./twins/side.js").Twin;

/** The curves of a training. */
type Chart = import("./curves/curves.js").Chart;
type Axis = "seconds" | "step";
type Span = [number, number];
type Frame = import("./curves/view.js").Frame;
type Extent = { x0: number; x1: number; y0: number; y1: number };
type Zoom = { x: Span | null; y: Span | null };
type Box = { left: number; top: number } & Size;
type Tick = { value: number; text: string };
type CurveKind = "loss" | "nll" | "latent_loss" | "test";
/** A curve as Python sends it, and with what is made of it. */
type Sent = { run: string; name: string; kind: CurveKind; words?: string };
type Line = {
  title: string;
  kind: CurveKind;
  words?: string;
  run: number;
  x: Record<Axis, Float32Array>;
  raw: Float32Array;
  smooth: Float32Array;
  look: string;
  marker: string;
  color: string;
};
type KlMap = { x: Record<Axis, Float32Array>; steps: Float32Array[] };

/** Of the network unrolled: 0, 1 or 2, or the usual autoencoder beside them. */
type Column = number | "vae";
/** A window of figures 3 and 4, of n x n points. */
type Named = { w: GridWindow; n: number; name: string; words: string };

/** The attention lab, and what a hand and its sliders ask of whoever has the window. */
type Lab = import("./lab/lab.js").Lab;
type LabLook = import("./lab/look.js").Look;
type Bug = import("./lab/bugs.js").Bug;
type HandName = "eye" | "pen";
type Hands = { eye: GridWindow; pen: GridWindow | null };
type WindowHost = {
  refs: Record<string, HTMLElement>;
  look: LabLook;
  overlay: import("./lab/overlay.js").LabOverlay;
  linked: { clear(): void; pixel(x: number, y: number): void };
  active: HandName;
  n: number;
  zoom: number;
  margin: number;
  readonly hand: GridWindow;
  windows(): Hands;
  move(change: Partial<GridWindow>): void;
  setN(n: number): void;
  choose(which: HandName): void;
  hold(on: boolean): void;
  settle(): void;
  stop(): void;
};
