/**
 * The thread in which the stand-ins answer. It is sent the path of the engine's socket, and sends back where they are.
 *
 * @module
 */
import { systemClock } from "../../base/clock.ts";
import { startStandIns } from "./stand_ins.ts";

self.onmessage = async ({ data }: MessageEvent<string>) => {
  const { addresses } = await startStandIns(data, systemClock);
  self.postMessage(addresses);
};
