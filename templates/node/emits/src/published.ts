import { Counter } from "prom-client";
import { registry } from "./metrics.ts";

export const published = new Counter({
  name: "messages_published_total",
  help: "Messages that the broker confirmed",
  labelNames: ["type"] as const,
  registers: [registry],
});
