/**
 * The figures of a status for Deno's own OpenTelemetry: where the user starts omnifs with `OTEL_DENO=true`, Deno hands
 * them to the collector that the environment names. See `docs/events.md` for what else it hands on.
 *
 * @module
 */
import type { StatusDocument } from "./control/protocol.ts";
import { METRICS } from "./daemon_metrics.ts";

/** Takes the values of an instrument. */
export interface ObservableResult {
  /** One value, with what sets it apart. */
  observe(value: number, attributes: Readonly<Record<string, string>>): void;
}

/** What is used of an instrument that is asked for its values: of the OpenTelemetry API 1, as Deno implements it. */
export interface Observable {
  /** Has `callback` tell the values at each collection. */
  addCallback(callback: (result: ObservableResult) => void): void;
  /** Does not ask it any more. */
  removeCallback(callback: (result: ObservableResult) => void): void;
}

/** Makes an instrument. */
export type MakeObservable = (
  name: string,
  options: { readonly description: string; readonly unit: string },
) => Observable;

/** What is used of a meter. */
export interface Meter {
  /** Makes an instrument whose values only grow. */
  readonly createObservableCounter: MakeObservable;
  /** Makes an instrument whose values come and go. */
  readonly createObservableGauge: MakeObservable;
}

/** Milliseconds for which one status serves all instruments: they are asked one after the other. */
const SHARED = 100;

/** The meter of Deno where the environment asks for it. */
export function denoMeter(environment: (name: string) => string | undefined): Meter | undefined {
  if (!/^(?:true|1)$/.test(environment("OTEL_DENO") ?? "")) return undefined;
  const provider: { getMeter(name: string): Meter } = Deno.telemetry.meterProvider;
  return provider.getMeter("omnifs");
}

/** Has `meter` ask for `status` whenever it collects, until the returned function is called. */
export function observe(meter: Meter, status: () => StatusDocument, monotonic: () => number): () => void {
  const shared = sharing(status, monotonic);
  const ends = METRICS.map(({ name, help, kind, read }) => {
    const make = kind === "counter" ? "createObservableCounter" : "createObservableGauge";
    const instrument = meter[make](telemetryName(name), { description: help, unit: unitOf(name) });
    const callback = (result: ObservableResult) => {
      for (const { labels, value } of read(shared())) result.observe(value, labels);
    };
    instrument.addCallback(callback);
    return () => instrument.removeCallback(callback);
  });
  return () => ends.forEach((end) => end());
}

/** `omnifs_cache_hits_total` is `omnifs.cache_hits` there: a collector adds unit and kind when it hands it to Prometheus. */
export function telemetryName(name: string): string {
  return name.replace(/_total$/, "").replace(/_(?:seconds|bytes)$/, "").replace("_", ".");
}

/** In the words of UCUM, which OpenTelemetry asks for. */
function unitOf(name: string): string {
  if (name.includes("_seconds")) return "s";
  return name.endsWith("_bytes") ? "By" : "1";
}

function sharing(status: () => StatusDocument, monotonic: () => number): () => StatusDocument {
  let last: { readonly at: number; readonly status: StatusDocument } | undefined;
  return () => {
    const now = monotonic();
    if (last === undefined || now - last.at > SHARED) last = { at: now, status: status() };
    return last.status;
  };
}
