// What the lab remembers while another page is visited.

export const labMemory = { eye: null, pen: null, penOn: false, full: true, n: 12, tab: "look", size: null };
