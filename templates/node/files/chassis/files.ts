/** Files as responses of operations. */
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { create } from "content-disposition";
import type { Response } from "express";
import { logger } from "./logger.ts";
import type { Answer } from "./route.ts";

export interface File {
  /** At once, or in parts as they are needed. */
  content: string | Uint8Array | AsyncIterable<string | Uint8Array>;
  /** The media type, such as `application/pdf`. */
  type: string;
  /** The name under which clients save it. */
  name: string;
}

const headersOf = ({ type, name }: File) => ({
  "Content-Type": type,
  "Content-Disposition": create(name),
});

function streamOf({ content }: File): Readable {
  if (typeof content === "string") return Readable.from([Buffer.from(content)]);
  return Readable.from(content instanceof Uint8Array ? [content] : content);
}

/** The response with a file, whose content is read in the transaction. */
export async function fileAnswer(file: File): Promise<Answer> {
  return { status: 200, headers: headersOf(file), body: await buffer(streamOf(file)) };
}

/** Respond with a file as it is read. */
export async function sendFile(response: Response, file: File): Promise<void> {
  response.writeHead(200, headersOf(file));
  try {
    await pipeline(streamOf(file), response);
  } catch (error) {
    // The status is sent: an interrupted connection tells the client.
    logger.warn({ error }, "file not sent to its end");
  }
}
