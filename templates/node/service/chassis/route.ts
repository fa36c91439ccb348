import { isUtf8 } from "node:buffer";
import type { IncomingHttpHeaders } from "node:http";
import express, {
  type Express,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from "express";
import type { z } from "zod";
import type { Application } from "./application.ts";
import { guards, publicGuards } from "./guards.ts";
import { describe, type Method, servedMethods } from "./openapi.ts";
import { type FieldError, invalid, Problem } from "./problems.ts";

const MAX_ERRORS = 20;
const MAX_LENGTH = 200;

/** Read integers that a number cannot represent as bigint, so that no schema accepts a rounded value. */
function exactIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  const { source = "" } = context ?? {};
  if (typeof value !== "number" || Number.isSafeInteger(value) || !/^-?\d+$/.test(source)) {
    return value;
  }
  const exact = BigInt(source);
  return Number.isFinite(value) && BigInt(value) === exact ? value : exact;
}

const rawBodies = new WeakMap<object, Buffer>();

/** The body of a request as it was sent; empty if its operation has no body. */
export const rawBody = (request: Request): Buffer => rawBodies.get(request) ?? Buffer.alloc(0);

/** Respond with 400 to bodies that are not UTF-8. */
function checkEncoding(request: object, _response: unknown, body: Buffer): void {
  if (!isUtf8(body)) throw new Problem(400, "The body is not UTF-8.");
  rawBodies.set(request, body);
}

const BODY_BYTES = 65_536;

function readBody(limit: number): RequestHandler {
  return express.json({ limit, strict: false, reviver: exactIntegers, verify: checkEncoding });
}

/** A router for which `/Orders` and `/orders/` are other paths than `/orders`. */
export function createRouter(): Router {
  return Router({ caseSensitive: true, strict: true });
}

/** One operation of the API: the schemas of its input, and its documentation. */
export interface Operation<P, Q, B> {
  method: Method;
  /** As OpenAPI writes it: `/orders/{id}`. */
  path: string;
  id: string;
  summary: string;
  description?: string;
  tag: string;
  params?: z.ZodType<P>;
  query?: z.ZodType<Q>;
  body?: z.ZodType<B>;
  /** Maximum size of the body; 64 KiB by default. */
  bodyBytes?: number;
  headers?: z.ZodObject;
  status?: number;
  /** Schema of the response body; none for 204. */
  response?: z.ZodType;
  /** Whether it responds with a file. */
  file?: boolean;
  otherResponses?: Record<number, z.ZodType>;
  /** Statuses of its problem responses, besides 400, 401 and 422. */
  problems?: number[];
  /** Whether it reads no access token. */
  open?: boolean;
  /** Whether it serves callers without an access token, too. */
  public?: boolean;
  /** Further guards, which run before the body is read. */
  guards?: RequestHandler[];
}

export interface Input<P, Q, B> {
  app: Application;
  params: P;
  query: Q;
  body: B;
  headers: IncomingHttpHeaders;
}

type Handler<P, Q, B> = (
  input: Input<P, Q, B>,
  response: Response,
  request: Request,
) => Promise<unknown>;

/** Respond with JSON. `response.json` would parse the content type and look for ETags in each response. */
export function sendJson(response: Response, body: unknown): void {
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  response.end(JSON.stringify(body));
}

/** A response that is known before it is sent. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

export const EMPTY: Answer = { status: 204, headers: {}, body: "" };

export function jsonAnswer(body: unknown, headers: Record<string, string> = {}): Answer {
  const type = { "Content-Type": "application/json; charset=utf-8" };
  return { status: 200, headers: { ...type, ...headers }, body: JSON.stringify(body) };
}

export function sendAnswer(response: Response, { status, headers, body }: Answer): void {
  response.writeHead(status, headers).end(body);
}

/** Add an operation to a router and to the API's documentation. */
export function route<P, Q, B>(
  router: Router,
  operation: Operation<P, Q, B>,
  handler: Handler<P, Q, B>,
): void {
  describe(operation);
  const name: RequestHandler = (_request, response, next) => {
    response.locals.route = operation.path;
    next();
  };
  const tokens = operation.public ? publicGuards : guards;
  const checks = [name, ...(operation.open ? [] : tokens), ...(operation.guards ?? [])];
  if (operation.body) checks.push(readBody(operation.bodyBytes ?? BODY_BYTES));
  router[operation.method](pattern(operation.path), ...checks, async (request, response) => {
    const { app } = request.app.locals as { app: Application };
    const input = { app, ...check(operation, request), headers: request.headers };
    await handler(input, response, request);
  });
}

/** List the methods of each path of the API. Each router of Express would list its own ones only. */
export function listMethods(app: Express): void {
  for (const [path, methods] of servedMethods()) {
    const served = methods.includes("get") ? ["head", ...methods] : methods;
    const allow = served.join(", ").toUpperCase();
    app.options(pattern(path), (_request, response) => {
      response.locals.route = path;
      response.set("Allow", allow).send(allow);
    });
  }
}

/** Respond with 405 to methods that a path of the API does not have. Call it after all routes are added. */
export function refuseOtherMethods(app: Express): void {
  for (const [path, methods] of servedMethods()) {
    const allow = methods.join(", ").toUpperCase();
    app.all(pattern(path), (_request, response) => {
      response.locals.route = path;
      throw new Problem(405, "This path has no such method.", { headers: { Allow: allow } });
    });
  }
}

/** `/orders/{id}` as Express writes it: `/orders/:id`. */
function pattern(path: string): string {
  return path.replace(/\{(\w+)\}/g, ":$1");
}

function check<P, Q, B>(operation: Operation<P, Q, B>, request: Request) {
  const errors: FieldError[] = [];
  const read = <T>(place: string, schema: z.ZodType<T> | undefined, value: unknown): T => {
    if (!schema) return undefined as T;
    const result = schema.safeParse(value);
    if (!result.success) errors.push(...fieldErrors(place, result.error));
    return result.data as T;
  };
  const params = read("path", operation.params, request.params);
  const query = read("query", operation.query, request.query);
  const body = read("body", operation.body, request.body);
  if (errors.length > 0) throw invalid(...errors.slice(0, MAX_ERRORS));
  return { params, query, body };
}

/** At most 20 errors, each short: clients do not choose the work. */
function fieldErrors(place: string, error: z.ZodError): FieldError[] {
  const errors = error.issues.slice(0, MAX_ERRORS).flatMap((issue) => {
    const at = [place, ...issue.path];
    if (issue.code !== "unrecognized_keys") return [fieldError(at, issue.message)];
    return issue.keys
      .slice(0, MAX_ERRORS)
      .map((key) => fieldError([...at, key], "Extra inputs are not permitted"));
  });
  return errors.slice(0, MAX_ERRORS);
}

function fieldError(path: PropertyKey[], message: string): FieldError {
  const field = path.map(String).join(".");
  return { field: field.slice(0, MAX_LENGTH), message: message.slice(0, MAX_LENGTH) };
}
