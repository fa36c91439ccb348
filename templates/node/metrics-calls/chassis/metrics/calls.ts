/** Rate, errors and duration of calls to other services; each try counts. */
import { Histogram } from "prom-client";
import { registry, SECONDS } from "./registry.ts";

const requests = new Histogram({
  name: "http_client_request_duration_seconds",
  help: "Time of one try of a call to another service",
  labelNames: [
    "http_request_method",
    "server_address",
    "http_response_status_code",
    "error_type",
  ] as const,
  buckets: SECONDS,
  registers: [registry],
});

/** Measure one attempt: `send` resolves to the response, or rejects without one. */
export async function measured(
  method: string,
  service: string,
  send: () => Promise<Response>,
): Promise<Response> {
  const stop = requests.startTimer({ http_request_method: method, server_address: service });
  try {
    const response = await send();
    const error_type = response.status >= 500 ? response.status : "";
    stop({ http_response_status_code: response.status, error_type });
    return response;
  } catch (error) {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    stop({ http_response_status_code: "", error_type: isLate ? "timeout" : "connection" });
    throw error;
  }
}
