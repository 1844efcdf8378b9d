/**
 * Sizes, times and durations, as people write and read them.
 *
 * @module
 */
import { quote, UsageError } from "./command.ts";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  "b": 1,
  "k": 1024,
  "kib": 1024,
  "m": 1024 ** 2,
  "mib": 1024 ** 2,
  "g": 1024 ** 3,
  "gib": 1024 ** 3,
  "kb": 1000,
  "mb": 1000 ** 2,
  "gb": 1000 ** 3,
};

/** The bytes that `word` means: `256MiB`, `1g`, `500kB`. @throws {UsageError} where it means none */
export function parseSize(word: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(word) ?? [];
  const factor = UNITS[unit?.toLowerCase() ?? "?"];
  if (digits === undefined || factor === undefined) {
    throw new UsageError(`a size is a number and a unit such as 256MiB, not ${quote(word)}`, "");
  }
  return Math.floor(Number(digits) * factor);
}

/** `bytes` with a binary unit. */
export function formatSize(bytes: number): string {
  for (const [unit, factor] of [["GiB", 1024 ** 3], ["MiB", 1024 ** 2], ["KiB", 1024]] as const) {
    if (bytes >= factor) return `${(bytes / factor).toFixed(bytes < 10 * factor ? 1 : 0)} ${unit}`;
  }
  return `${bytes} B`;
}

/** A moment in local time, to the minute; `-` for none. */
export function formatTime(milliseconds: number | null): string {
  if (milliseconds === null) return "-";
  const date = new Date(milliseconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** A time of day, to the second. */
export function formatClock(milliseconds: number): string {
  return new Date(milliseconds).toTimeString().slice(0, 8);
}

/** A duration in its two largest units. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor(seconds % 86_400 / 3600)} h`;
}

/** A short time, in milliseconds below a second. */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds >= 1_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${milliseconds < 10 ? Math.round(milliseconds * 10) / 10 : Math.round(milliseconds)} ms`;
}

/** `1 thing`, `2 things`. */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
