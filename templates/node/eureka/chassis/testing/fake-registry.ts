import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { settings } from "../settings.ts";

interface Registration {
  instanceId: string;
  app: string;
  status: string;
  ipAddr: string;
  port: { $: number };
  healthCheckUrl: string;
}

/** A Eureka for tests: as much of its HTTP API as the service uses. */
export class Registry {
  readonly registered = new Map<string, Registration>();
  renewals = 0;
  authorization: string | undefined;
  #instances: { status: string; ipAddr: string; port: { $: number } }[] = [];
  readonly #server = createServer(async (request, response) => {
    const [, , , , id = ""] = (request.url ?? "").split("/");
    const known = this.registered.get(id);
    this.authorization = request.headers.authorization;
    if (request.method === "POST") {
      const { instance } = JSON.parse((await request.toArray()).join(""));
      this.registered.set(instance.instanceId, { ...instance, overriddenStatus: "UNKNOWN" });
    } else if (request.method === "DELETE") {
      this.registered.delete(id);
    } else if (request.method === "PUT") {
      this.renewals += 1;
    } else if (known) {
      response.write(JSON.stringify({ instance: known }));
    } else if (!id && this.#instances.length > 0) {
      response.write(JSON.stringify({ application: { instance: this.#instances } }));
    } else {
      response.statusCode = 404;
    }
    response.end();
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    settings().EUREKA_URL = `http://user:p%40ss@127.0.0.1:${port}/eureka`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Make these instances of every service healthy, and no others. */
  has(...ports: number[]): void {
    const up = ports.map((port) => ({ status: "UP", ipAddr: "127.0.0.1", port: { $: port } }));
    const down = { status: "DOWN", ipAddr: "127.0.0.1", port: { $: 1 } };
    this.#instances = up.length > 0 ? [...up, down] : [];
  }
}
