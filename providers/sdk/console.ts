/**
 * `console` by the host's `log`, for worlds that import it: importing this file installs it.
 *
 * @module
 */
/// <reference path="./imports.d.ts" />
import { log } from "omnifs:provider/log@1.0.0";

export { log };

type LogLevel = Parameters<typeof log>[0];

function writer(level: LogLevel): (...values: unknown[]) => void {
  return (...values) => log(level, values.map(shown).join(" "));
}

function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

Object.defineProperty(globalThis, "console", {
  configurable: true,
  value: {
    debug: writer("debug"),
    log: writer("info"),
    info: writer("info"),
    warn: writer("warn"),
    error: writer("error"),
  },
});
