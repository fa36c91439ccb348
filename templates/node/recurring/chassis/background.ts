import type { Lifespan } from "./lifespan.ts";
import { logger } from "./logger.ts";

/** A background task: runs at start and then every `ms`; a failure is logged. */
export function background(name: string, ms: number, work: () => Promise<void>): Lifespan {
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
