import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { settings } from "../settings.ts";
import { tick } from "./until.ts";

interface Registration {
  ID: string;
  Name: string;
  Address: string;
  Port: number;
  Check: { HTTP: string };
}

/** A Consul for tests: as much of its HTTP API as the service uses. */
export class Registry {
  readonly registered = new Map<string, Registration>();
  #passing: { Service: { Address: string; Port: number } }[] = [];
  #index = 1;
  readonly #server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "", "http://consul");
    const [, , , , action = "", id = ""] = url.pathname.split("/");
    if (action === "register") {
      const registration: Registration = JSON.parse((await request.toArray()).join(""));
      this.registered.set(registration.ID, registration);
    } else if (action === "deregister") {
      this.registered.delete(id);
    } else if (url.pathname.startsWith("/v1/health/")) {
      while (url.searchParams.get("index") === String(this.#index)) await tick();
      response.setHeader("X-Consul-Index", this.#index);
      response.write(JSON.stringify(this.#passing));
    } else if (!this.registered.has(action)) {
      response.statusCode = 404;
    }
    response.end();
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    settings().CONSUL_URL = `http://127.0.0.1:${port}`;
  }

  stop(): void {
    this.#index += 1;
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Make these instances of every service healthy, and no others. */
  has(...ports: number[]): void {
    this.#passing = ports.map((port) => ({ Service: { Address: "127.0.0.1", Port: port } }));
    this.#index += 1;
  }
}
