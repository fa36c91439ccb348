import { startApp } from "./app.ts";
import { authorization } from "./caller.ts";

/** Sends a request with a valid token. */
export type Client = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Response>;

/** Serve the application; return a client for it. */
export async function startClient(): Promise<Client> {
  const { url } = await startApp();
  const allowed = await authorization();
  return (method, path, body, headers = {}) =>
    fetch(`${url}${path}`, {
      method,
      headers: { ...allowed, "Content-Type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
}
