import { z } from "zod";
import { hostOf } from "./address.ts";
import { ask } from "./registry.ts";

/** How long Consul holds a blocking query without news. */
const WAIT_MS = 30_000;

const Healthy = z.array(z.object({ Service: z.object({ Address: z.string(), Port: z.int() }) }));

/** Yield the addresses of the healthy instances, now and after each change. */
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
