// What the lab remembers while another page is visited.

/** @typedef {{ eye: GridWindow, pen: GridWindow, size: Size }} Left the windows, on a picture of that size
 * @type {{ left: Left | null, penOn: boolean, full: boolean, n: number, tab: string, hadDigit: boolean,
 *   questions: number }} hadDigit: a digit has taken the picture's place already */
export const labMemory = { left: null, penOn: false, full: true, n: 12, tab: "look", hadDigit: false, questions: 0 };
