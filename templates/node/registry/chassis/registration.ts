/** Has this instance known to the registry for as long as it runs. */

import { recurring } from "./background.ts";
import type { Lifespan } from "./lifespan.ts";
import { deregister, RENEWAL_MS, register } from "./registry.ts";

const keeping = recurring("registration", RENEWAL_MS, register);

export const lifespan: Lifespan = {
  name: "registration",
  start: () => keeping.start(),
  async drain() {
    await keeping.stop();
    // What does not work is done by the registry, in a while.
    await deregister().catch(() => undefined);
  },
  stop: async () => undefined,
};
