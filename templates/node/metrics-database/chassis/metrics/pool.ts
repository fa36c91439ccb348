/** The pool of database connections. */
import type { Pool } from "pg";
import { Gauge } from "prom-client";
import { registry } from "./registry.ts";

const NAME = { db_client_connection_pool_name: "default" };

export function measurePool(pool: Pool): void {
  new Gauge({
    name: "db_client_connection_count",
    help: "Connections to the database",
    labelNames: ["db_client_connection_pool_name", "db_client_connection_state"] as const,
    registers: [registry],
    collect() {
      const used = pool.totalCount - pool.idleCount;
      this.set({ ...NAME, db_client_connection_state: "used" }, used);
      this.set({ ...NAME, db_client_connection_state: "idle" }, pool.idleCount);
    },
  });
  new Gauge({
    name: "db_client_connection_max",
    help: "How many there may be at once",
    labelNames: ["db_client_connection_pool_name"] as const,
    registers: [registry],
    collect() {
      this.set(NAME, pool.options.max);
    },
  });
}
