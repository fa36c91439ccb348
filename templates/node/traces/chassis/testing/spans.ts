/** Has spans made and kept in memory. To be imported first. */
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace";
import { startTracing } from "../tracing.ts";

export const spans = new InMemorySpanExporter();

startTracing(new SimpleSpanProcessor({ exporter: spans }));
