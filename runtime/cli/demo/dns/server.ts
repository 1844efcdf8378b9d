/**
 * A stand-in for a name server: UDP on loopback.
 *
 * @module
 */
import dgram from "node:dgram";
import type { Listening } from "../http.ts";
import { answerTo } from "./answers.ts";
import { RECORDS } from "./data.ts";

/** Starts it, on a port that is free. */
export async function startDns(): Promise<Listening> {
  const socket = dgram.createSocket("udp4");
  socket.on("message", (message, { address, port }) => {
    const answer = answerTo(RECORDS, message);
    if (answer !== undefined) socket.send(answer, port, address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(0, "127.0.0.1", resolve);
  });
  return {
    host: `127.0.0.1:${socket.address().port}`,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
