/**
 * The figures of a status in the text format of Prometheus.
 *
 * @module
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { LatencyDocument } from "./control/change_documents.ts";
import type { StatusDocument } from "./control/protocol.ts";
import { type Metric, METRICS, type Sample } from "./daemon_metrics.ts";

/** Everything that `status` tells, version 0.0.4 of the text format. */
export async function prometheusText(status: StatusDocument): Promise<string> {
  const registry = new Registry();
  for (const metric of METRICS) add(registry, metric, metric.read(status));
  registry.registerMetric(new LatencyHistogram(status.changes.latency));
  return await registry.metrics();
}

function add(registry: Registry, { name, help, kind }: Metric, samples: readonly Sample[]): void {
  // Without a sample prom-client would tell a zero of nobody.
  if (samples.length === 0) return;
  const labelNames = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))];
  const options = { name, help, labelNames, registers: [registry] };
  if (kind === "counter") {
    const counter = new Counter(options);
    for (const { labels, value } of samples) counter.inc({ ...labels }, value);
    return;
  }
  const gauge = new Gauge(options);
  for (const { labels, value } of samples) gauge.set({ ...labels }, value);
}

const NAME = "omnifs_event_to_kernel_seconds";
const HELP = "Time from word of an upstream to a kernel that has taken it in";

/** A histogram that was counted elsewhere: prom-client's own can only be told one observation after the other. */
class LatencyHistogram extends Histogram {
  readonly #latency: LatencyDocument;

  constructor(latency: LatencyDocument) {
    super({ name: NAME, help: HELP, registers: [] });
    this.#latency = latency;
  }

  /** What the registry asks a histogram for when it writes its lines. */
  getForPromString() {
    const { count, sum, buckets } = this.#latency;
    const bucket = (le: string, value: number) => ({ metricName: `${NAME}_bucket`, labels: { le }, value });
    const values = [
      ...buckets.map(({ atMost, count }) => bucket(String(atMost / 1_000), count)),
      bucket("+Inf", count),
      { metricName: `${NAME}_sum`, labels: {}, value: sum / 1_000 },
      { metricName: `${NAME}_count`, labels: {}, value: count },
    ];
    return Promise.resolve({ name: NAME, help: HELP, type: "histogram", values });
  }
}
