/**
 * The stream format of the Engine's logs (Engine API, `POST /containers/{id}/attach`, "Stream format"): without a
 * terminal each piece has a header of 8 bytes, `[stream, 0, 0, 0, length]` with the length in the last four, big end
 * first.
 *
 * @module
 */
import { unavailable } from "../sdk/mod.ts";

const HEADER = 8;

/** Standard input, output and error, and the Engine's own errors: `StdType` of `pkg/stdcopy`. */
const STREAMS = 4;

/**
 * What was written to both streams, in order; `bytes` are used up for it. A last frame that was cut short is taken as
 * far as it goes. One pass with three calls a frame: each line of a log is a frame, and a guest's time is bounded.
 */
export function unframed(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const last = bytes.length - HEADER;
  let length = 0;
  for (let at = 0; at <= last;) {
    const stream = view.getUint32(at);
    // The stream's number and three zeroes, as one number.
    if (stream % 0x1000000 !== 0 || stream >= STREAMS * 0x1000000) {
      throw unavailable(`the engine's log is not in frames: no header at byte ${at}`);
    }
    const from = at + HEADER;
    at = from + view.getUint32(at + 4);
    bytes.copyWithin(length, from, at);
    length += Math.min(at, bytes.length) - from;
  }
  return bytes.subarray(0, length);
}
