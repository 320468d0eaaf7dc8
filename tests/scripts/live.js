// Runs networks for tests/core/test_live.py: a line of JSON for each on the standard input.

import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { parseSafetensors } from "../../ui/kit/safetensors.js";
import { Draw } from "../../ui/live/draw.js";
import { noiseOf } from "../../ui/live/generator.js";
import { handsOf } from "../../ui/live/hand.js";
import { trace } from "../../ui/live/trace.js";
import { described } from "./described.js";

const floats = (path) => new Float32Array(new Uint8Array(readFileSync(path)).buffer);

for await (const line of createInterface({ input: process.stdin })) {
  const { config, weights, batch, seed, images, edits, out } = JSON.parse(line);
  const network = new Draw(config, parseSafetensors(new Uint8Array(readFileSync(weights))).tensors);
  const made = trace(network, noiseOf(config, batch, seed), images && floats(images), handsOf(edits, network.shape));
  const arrays = { logits: made.logits };
  for (const [name, { data }] of Object.entries(made.tensors)) arrays[name] = data;
  for (const [name, data] of Object.entries(arrays)) writeFileSync(`${out}/${name}`, data);
  const { nll, latentLoss } = made;
  const description = described(config, Boolean(images));
  process.stdout.write(`${JSON.stringify({ names: Object.keys(arrays), nll, latentLoss, description })}\n`);
}
