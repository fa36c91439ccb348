import { once } from "node:events";
import { connect } from "node:net";

const TIMEOUT_MS = 3000;

/** The address from which a URL's host is reached, which is one that can be reached from there. */
export async function addressTowards(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port || 80), timeout: TIMEOUT_MS });
  socket.once("timeout", () => socket.destroy(new Error(`${hostname} does not answer`)));
  try {
    await once(socket, "connect");
    return socket.localAddress ?? "";
  } finally {
    socket.destroy();
  }
}

/** An address and a port, as in URLs. */
export function hostOf(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
