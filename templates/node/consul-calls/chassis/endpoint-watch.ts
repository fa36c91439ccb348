import { z } from "zod";
import { hostOf } from "./address.ts";
import { ask } from "./registry.ts";

/** How long Consul keeps a question open for which it has nothing new. */
const WAIT_MS = 30_000;

const Healthy = z.array(z.object({ Service: z.object({ Address: z.string(), Port: z.int() }) }));

/** Where the instances are that Consul says are well: now, and whenever that changes. */
export async function* watch(service: string, stopping: AbortSignal): AsyncGenerator<string[]> {
  let index = "0";
  while (true) {
    const path = `/v1/health/service/${service}?passing=true&wait=${WAIT_MS}ms&index=${index}`;
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(2 * WAIT_MS)]);
    const answer = await ask(path, { signal });
    const healthy = Healthy.parse(await answer.json());
    yield healthy.map(({ Service: { Address, Port } }) => hostOf(Address, Port));
    index = answer.headers.get("X-Consul-Index") ?? "0";
  }
}
