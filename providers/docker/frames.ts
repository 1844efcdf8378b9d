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

/** What was written to both streams, in order. A last frame that was cut short is taken as far as it goes. */
export function unframed(bytes: Uint8Array): Uint8Array {
  const frames = framesOf(bytes);
  const whole = new Uint8Array(frames.reduce((length, [from, to]) => length + to - from, 0));
  let at = 0;
  for (const [from, to] of frames) {
    whole.set(bytes.subarray(from, to), at);
    at += to - from;
  }
  return whole;
}

/** Where each frame's payload begins and ends. */
function framesOf(bytes: Uint8Array): [number, number][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: [number, number][] = [];
  for (let at = 0; at + HEADER <= bytes.length;) {
    // The stream's number and three zeroes, as one number.
    if (view.getUint32(at) % 0x1000000 !== 0 || view.getUint8(at) >= STREAMS) {
      throw unavailable(`the engine's log is not in frames: no header at byte ${at}`);
    }
    const from = at + HEADER;
    at = from + view.getUint32(at + 4);
    frames.push([from, Math.min(at, bytes.length)]);
  }
  return frames;
}
