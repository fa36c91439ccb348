import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { sql } from "drizzle-orm";
import { connectDatabase, statementName } from "#chassis/database.ts";

test("a connection has no parameter that PgBouncer refuses", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  process.env.DATABASE_URL = `postgresql://orders:secret@127.0.0.1:${port}/orders?pgbouncer=true`;
  const database = connectDatabase();
  const query = assert.rejects(database.execute(sql`select 1`));
  const [socket] = (await once(server, "connection")) as [Socket];
  const [startup] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  await query;
  await database.close();
  server.close();
  const parameters = startup.toString("utf8", 8).split("\0");
  const names = parameters.filter((name, index) => index % 2 === 0 && name !== "");
  assert.deepEqual(names.sort(), ["client_encoding", "database", "user"]);
});

test("statements are not prepared by name if the URL says so", () => {
  assert.equal(statementName("find_orders"), "");
});
