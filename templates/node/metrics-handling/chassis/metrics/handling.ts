/** Messages that were taken from a queue. */
import { Counter, Histogram } from "prom-client";
import { registry, SECONDS } from "./registry.ts";

const consumed = new Counter({
  name: "messaging_client_consumed_messages_total",
  help: "Messages taken from a queue: handled, duplicate, retried, dead or ignored",
  labelNames: ["messaging_destination_name", "cloudevents_event_type", "outcome"] as const,
  registers: [registry],
});

const duration = new Histogram({
  name: "messaging_process_duration_seconds",
  help: "Time that it took to handle a message",
  labelNames: ["messaging_destination_name", "cloudevents_event_type"] as const,
  buckets: [...SECONDS, 30, 60],
  registers: [registry],
});

/** Count the outcome of a message that arrived at `start`. */
export function measureMessage(queue: string, type: string, outcome: string, start: number): void {
  const labels = { messaging_destination_name: queue, cloudevents_event_type: type };
  duration.observe(labels, (performance.now() - start) / 1000);
  consumed.inc({ ...labels, outcome });
}
