/**
 * What the thread of a provider says to the host, checked: the thread runs glue that holds names of the component, so
 * the host takes nothing for granted that comes from there. A message of the wrong shape is none.
 *
 * @module
 */
import { LEVELS } from "../base/log.ts";
import type { FromGuest } from "./protocol.ts";

/** Longest text that is told of a fault or logged, in UTF-16 units. */
const TEXT_LENGTH = 2_000;

type Fields = Readonly<Record<string, unknown>>;
type Reader = (fields: Fields) => FromGuest;

/** A reader for each type of message; it throws where a field is wrong. */
const READERS: Readonly<Record<FromGuest["type"], Reader>> = {
  ready: () => ({ type: "ready" }),
  broken: (fields) => ({ type: "broken", fault: text(fields.fault) }),
  brake: (fields) => ({ type: "brake", instance: count(fields.instance), memory: brake(fields.memory) }),
  dropped: (fields) => ({ type: "dropped", instance: count(fields.instance), fault: text(fields.fault) }),
  done: (fields) => ({ type: "done", id: count(fields.id), value: fields.value }),
  failed: (fields) => ({ type: "failed", id: count(fields.id), failure: fields.failure }),
  trapped: (fields) => ({ type: "trapped", id: count(fields.id), fault: text(fields.fault) }),
  callout: (fields) => ({
    type: "callout",
    callout: count(fields.callout),
    id: count(fields.id),
    instance: count(fields.instance),
    name: text(fields.name),
    args: list(fields.args),
  }),
  log: (fields) => ({ type: "log", level: level(fields.level), message: text(fields.message) }),
};

/** `data` as a message; undefined where it is none. */
export function readMessage(data: unknown): FromGuest | undefined {
  if (!isFields(data) || typeof data.type !== "string" || !isType(data.type)) return undefined;
  try {
    return READERS[data.type](data);
  } catch {
    return undefined;
  }
}

class WrongField extends Error {}

function isFields(data: unknown): data is Fields {
  return typeof data === "object" && data !== null;
}

function isType(type: string): type is FromGuest["type"] {
  return Object.hasOwn(READERS, type);
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new WrongField();
  return value.slice(0, TEXT_LENGTH);
}

function count(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new WrongField();
  return value;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new WrongField();
  return value;
}

function level(value: unknown): (typeof LEVELS)[number] {
  return LEVELS.find((known) => known === value) ?? "info";
}

/** The memory of a brake, of which the host writes the first 32 bits. */
function brake(value: unknown): SharedArrayBuffer {
  if (!(value instanceof SharedArrayBuffer) || value.byteLength < 4) throw new WrongField();
  return value;
}
