/** Messages that were published. */
import { Counter } from "prom-client";
import { registry } from "./registry.ts";

export const sentMessages = new Counter({
  name: "messaging_client_sent_messages_total",
  help: "Messages that the broker confirmed",
  labelNames: ["messaging_destination_name", "cloudevents_event_type"] as const,
  registers: [registry],
});
