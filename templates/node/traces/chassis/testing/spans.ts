/** Starts tracing with spans in memory. Import it first. */
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace";
import { startTracing } from "../tracing.ts";

export const spans = new InMemorySpanExporter();

startTracing(new SimpleSpanProcessor({ exporter: spans }));
