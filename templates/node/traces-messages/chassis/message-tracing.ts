/** Traces through messages, which carry their context as the CloudEvents extension `traceparent`. */
import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { Delivery } from "./broker.ts";

const tracer = trace.getTracer("messages");

function attributes(operation: string, destination: string) {
  return {
    "messaging.system": "rabbitmq",
    "messaging.operation.type": operation,
    "messaging.operation.name": operation,
    "messaging.destination.name": destination,
  };
}

/** Record the creation of a message; return the trace context that it carries. */
export function made(type: string): string | undefined {
  const span = tracer.startSpan(`create ${type}`, {
    kind: SpanKind.PRODUCER,
    attributes: attributes("create", type),
  });
  const carrier: { traceparent?: string } = {};
  propagation.inject(trace.setSpan(context.active(), span), carrier);
  span.end();
  return carrier.traceparent;
}

/** Run `work` in the trace of the cause of the message. */
export function processing<T>(
  queue: string,
  { messageId, body }: Delivery,
  work: () => Promise<T>,
): Promise<T> {
  const options = {
    kind: SpanKind.CONSUMER,
    attributes: { ...attributes("process", queue), "messaging.message.id": messageId },
  };
  return tracer.startActiveSpan(`process ${queue}`, options, cause(body), async (span) => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });
}

function cause(body: Buffer): Context {
  try {
    return propagation.extract(ROOT_CONTEXT, Object(JSON.parse(body.toString("utf8"))));
  } catch {
    return ROOT_CONTEXT;
  }
}

/** Record that processing failed. */
export function failed(error: unknown): void {
  const span = trace.getActiveSpan();
  span?.recordException(error instanceof Error ? error : String(error));
  span?.setStatus({ code: SpanStatusCode.ERROR });
}
