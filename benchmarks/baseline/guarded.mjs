// The same API with the guarantees of a generated service, written by hand for speed: token, log line, correlation id,
// validation, problem responses, and the outbox row of a new disc.
import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import express from "express";
import { createRemoteJWKSet, jwtVerify } from "jose";
import pg from "pg";
import { destination } from "pino";
import { z } from "zod";

const { DATABASE_URL, JWKS_URL, TOKEN_ISSUER, TOKEN_AUDIENCE } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
const columns = "id, version, created_at, updated_at, title, price, pages";
const context = new AsyncLocalStorage();
const log = destination(1);

class Problem extends Error {
  constructor(status, detail, errors) {
    super(detail);
    Object.assign(this, { status, errors });
  }
}

function observe(request, response, next) {
  const start = performance.now();
  const given = request.headers["x-request-id"];
  const id = given && /^[\w.:/+=@-]{1,128}$/.test(given) ? given : randomUUID();
  const { method, path } = request;
  response.setHeader("X-Request-ID", id);
  response.once("close", () => {
    const duration = Math.round((performance.now() - start) * 1e6);
    const time = new Date().toISOString();
    const { statusCode: status } = response;
    log.write(`${JSON.stringify({ level: "info", time, id, method, path, status, duration })}\n`);
  });
  context.run({ id }, next);
}

const keys = createRemoteJWKSet(new URL(JWKS_URL));
const claims = { algorithms: ["ES256"], issuer: TOKEN_ISSUER, audience: TOKEN_AUDIENCE };
const verified = new Map();

async function authenticate(request, _response, next) {
  const token = request.headers.authorization?.slice("Bearer ".length);
  if (!token) throw new Problem(401, "An access token is needed.");
  let payload = verified.get(token);
  if (!payload || payload.exp * 1000 < Date.now()) {
    verified.delete(token);
    payload = await jwtVerify(token, keys, claims).then(
      (result) => result.payload,
      () => {
        throw new Problem(401, "The access token is not valid.");
      },
    );
    if (verified.size > 1000) verified.clear();
    verified.set(token, payload);
  }
  context.getStore().account = payload.sub;
  next();
}

function parse(schema, place, value) {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const errors = error.issues.slice(0, 20).map(({ path, message }) => ({
    field: [place, ...path].join("."),
    message,
  }));
  throw new Problem(422, "The request is not valid.", errors);
}

const Path = z.object({ id: z.guid() });
const Query = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  offset: z.coerce.number().int().min(0).max(10_000).default(0),
});
const Disc = z.strictObject({
  title: z.string().min(1).max(255),
  price: z.string().regex(/^-?\d{1,14}(\.\d{1,4})?$/),
  pages: z.int(),
});

function send(response, value) {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(value));
}

const app = express().disable("x-powered-by").disable("etag");
app.use(observe);

const get = { name: "get", text: `select ${columns} from discs where id = $1` };
app.get("/discs/:id", authenticate, async (request, response) => {
  const { id } = parse(Path, "path", request.params);
  const { rows } = await pool.query({ ...get, values: [id] });
  if (rows.length === 0) throw new Problem(404, "There is no such disc.");
  response.setHeader("ETag", `"${rows[0].version}"`);
  send(response, rows[0]);
});

const order = "order by created_at desc, id limit $1 offset $2";
const list = { name: "list", text: `select ${columns} from discs ${order}` };
const count = { name: "count", text: "select count(*)::int as total from discs" };
app.get("/discs", authenticate, async (request, response) => {
  const { limit, offset } = parse(Query, "query", request.query);
  const [items, counted] = await Promise.all([
    pool.query({ ...list, values: [limit, offset] }),
    pool.query(count),
  ]);
  send(response, { items: items.rows, total: counted.rows[0].total, limit, offset });
});

const insert = {
  name: "insert",
  text: `insert into discs (title, price, pages) values ($1, $2, $3) returning ${columns}`,
};
const publish = {
  name: "publish",
  text: "insert into outbox (message_id, exchange, type, body, created_at) values ($1, 'events', 'disc.created', $2, now())",
};
app.post("/discs", authenticate, express.json({ limit: "64kb" }), async (request, response) => {
  const { title, price, pages } = parse(Disc, "body", request.body);
  const client = await pool.connect();
  try {
    await client.query("begin");
    const { rows } = await client.query({ ...insert, values: [title, price, pages] });
    const { id: correlationid, account: authid } = context.getStore();
    const event = { specversion: "1.0", id: randomUUID(), correlationid, authid, data: rows[0] };
    await client.query({ ...publish, values: [event.id, JSON.stringify(event)] });
    await client.query("commit");
    response.status(201).setHeader("Location", `/discs/${rows[0].id}`);
    send(response, rows[0]);
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
});

app.use((error, request, response, _next) => {
  const { status = 500, message, errors } = error;
  const detail = status < 500 ? message : "Something went wrong.";
  response.status(status).setHeader("Content-Type", "application/problem+json");
  response.end(JSON.stringify({ type: "about:blank", status, detail, instance: request.path, errors }));
});

app.listen(8000);
