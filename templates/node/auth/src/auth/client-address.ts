import type { Request } from "express";

/** Returns the client's address, or its /64 network for IPv6, as in the gateway's rate limits. */
export function clientOf(request: Request): string {
  const peer = request.socket.remoteAddress ?? "";
  const address = request.get("X-Envoy-External-Address") ?? peer;
  return network(address.replace(/^::ffff:(?=[\d.]+$)/i, ""));
}

function network(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail = ""] = address.split("::");
  const [left, right] = [head, tail].map((part) => part.split(":").filter(Boolean)) as [
    string[],
    string[],
  ];
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  return [...left, ...zeros, ...right].slice(0, 4).join(":");
}
