import type { AddressInfo } from "node:net";
import { after } from "node:test";
import { createApp } from "../src/app.ts";

/** Serves the app on a free port until the tests of the file are done; returns its base URL. */
export async function serve(): Promise<string> {
  const server = createApp().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
