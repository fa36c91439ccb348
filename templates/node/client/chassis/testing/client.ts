import { startApp } from "./app.ts";
import { authorization } from "./caller.ts";

/** Sends a request. */
export type Client = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Response>;

/** Return a client that sends the headers of a caller. */
export function clientOf(url: string, caller: Record<string, string>): Client {
  return (method, path, body, headers = {}) =>
    fetch(`${url}${path}`, {
      method,
      headers: { ...caller, "Content-Type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
}

/** Serve the application; return a client for it. */
export async function startClient(): Promise<Client> {
  const { url } = await startApp();
  return clientOf(url, await authorization());
}
