import type { Lifespan } from "./lifespan.ts";
import { logger } from "./logger.ts";

/** Does something at start and then once every `ms`, whether or not it worked before. */
export function recurring(name: string, ms: number, work: () => Promise<void>): Lifespan {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  const run = () => {
    running = work().catch((error) => logger.warn({ error }, `${name} failed`));
  };
  return {
    name,
    async start() {
      run();
      timer = setInterval(run, ms);
    },
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
