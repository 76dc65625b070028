// The thread of the encoder, so that a drawing hand never waits for the network.
//
// A message is {id, call, value}, the answer {id, value} or {id, error}.

import { openNetwork } from "./encoder-network.js";

let network = null;

const CALLS = {
  async open(options) {
    network = await openNetwork(options);
    return network.card;
  },
  embed(strokes) {
    return network.embed(strokes);
  },
};

addEventListener("message", async ({ data: { id, call, value } }) => {
  try {
    postMessage({ id, value: await CALLS[call](value) });
  } catch (error) {
    postMessage({ id, error: error.message ?? String(error) });
  }
});
