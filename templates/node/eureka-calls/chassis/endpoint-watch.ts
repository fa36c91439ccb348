import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { hostOf } from "./address.ts";
import { ask } from "./registry.ts";

/** Shorter than an instance that is stopping still takes requests. */
const FETCH_MS = 1000;

const Instance = z.object({
  status: z.string(),
  ipAddr: z.string(),
  port: z.object({ $: z.int() }),
});
const Answer = z.object({ application: z.object({ instance: z.array(Instance) }) });

/** Yield the addresses of the healthy instances, again and again. */
export async function* watch(service: string, stopping: AbortSignal): AsyncGenerator<string[]> {
  while (true) {
    yield await fetchInstances(service);
    await delay(FETCH_MS, undefined, { signal: stopping });
  }
}

async function fetchInstances(service: string): Promise<string[]> {
  const answer = await ask(`/apps/${service.toUpperCase()}`);
  if (answer.status === 404) {
    await answer.body?.cancel();
    return [];
  }
  const { instance } = Answer.parse(await answer.json()).application;
  const up = instance.filter(({ status }) => status === "UP");
  return up.map(({ ipAddr, port }) => hostOf(ipAddr, port.$)).sort();
}
