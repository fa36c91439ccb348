import { startApp } from "./app.ts";
import { authorization } from "./caller.ts";

/** Asks the service, as somebody who may. */
export type Client = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Response>;

/** Serves the app, and asks it. */
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
