"use strict";

/** Posts what comes in as 16-bit samples. */
registerProcessor("recorder", class extends AudioWorkletProcessor {
  process([input]) {
    if (input.length) this.port.postMessage(Int16Array.from(input[0], (x) => Math.max(-1, Math.min(1, x)) * 32767));
    return true;
  }
});
