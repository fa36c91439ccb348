/** Keeps this instance registered while it runs. */

import type { Application } from "./application.ts";
import { background } from "./background.ts";
import type { Lifespan } from "./lifespan.ts";
import { deregister, RENEWAL_MS, register } from "./registry.ts";

export function lifespan(app: Application): Lifespan {
  const renewal = background("registration", RENEWAL_MS, () => register(app));
  return {
    name: "registration",
    start: () => renewal.start(),
    async drain() {
      await renewal.stop();
      // If this fails, the registry forgets the instance by itself after a while.
      await deregister().catch(() => undefined);
    },
    stop: async () => undefined,
  };
}
