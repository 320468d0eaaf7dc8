// What a picture costs in nats, in three numbers and in words: of the run that is shown, and what the
// run before it cost more or less.

import { make } from "../kit/element.js";

/** @typedef {{ nll: number, latent_loss: number,
 *   about: { seed: number | null, grey: boolean, usual: number | null, images: string } }} Costs */

/** The sum, which of a sample is an upper bound (eq 12). @param {Costs} costs */
const bound = ({ nll, latent_loss: told }) => nll + told;

/** Name, symbol (as HTML) and value of each number.
 * @type {[string, string, (costs: Costs) => number][]} */
const NUMBERS = [
  ["Information sent", "L<sub>z</sub>", (costs) => costs.latent_loss],
  ["Still missing", "L<sub>x</sub>", (costs) => costs.nll],
  ["Together", "L<sub>x</sub> + L<sub>z</sub>", bound],
];

/** What the numbers say, in sentences. @param {Costs} costs */
export function sumsWords(costs) {
  const { seed, grey, usual, images } = costs.about;
  const [told, missing] = [costs.latent_loss.toFixed(0), costs.nll.toFixed(0)];
  const said = [
    `The encoder sends ${told} nats about this picture, and the canvas still misses ${missing} nats.`,
    seed === null
      ? "With the mean, no noise is drawn, so the sum is no bound on −log p(x)."
      : "The sum estimates an upper bound on −log p(x) from one draw of the noise; another seed gives another estimate.",
  ];
  if (grey) said.push("For grey values the misses are a cross-entropy, which is never 0.");
  if (usual !== null) {
    said.push(`The model learned from ${images}. A test image from there costs it ${usual.toFixed(1)} nats on average`);
    said[said.length - 1] += seed === null ? "." : beside(bound(costs), usual); // without noise it is no bound, as theirs is
  }
  return said.join(" ");
}

/** @param {number} cost @param {number} usual */
function beside(cost, usual) {
  const nats = cost.toFixed(1);
  if (nats === usual.toFixed(1)) return ", as much as this picture.";
  return `; this picture costs ${usual < cost ? "more" : "less"}, ${nats} nats.`;
}

/** @param {Element} list @param {Element} words @param {Costs} costs @param {Costs | null} before */
export function drawSums(list, words, costs, before) {
  list.replaceChildren(
    ...NUMBERS.map(([name, symbol, of]) => {
      const value = of(costs);
      const change = before ? value - of(before) : 0;
      const sign = change < 0 ? "−" : "+";
      const small = make("small", { text: before ? `${sign}${Math.abs(change).toFixed(1)}` : "" });
      const term = make("dt", { text: `${name}, ` }, make("var", { html: symbol }));
      return make("div", {}, term, make("dd", { text: `${value.toFixed(1)} nats` }, small));
    }),
  );
  words.textContent = sumsWords(costs);
}
