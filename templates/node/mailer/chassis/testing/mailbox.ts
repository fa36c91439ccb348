import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { after } from "node:test";
import { SMTPServer } from "smtp-server";
import { settings } from "../settings.ts";

/** Start a mail server for the service; return the mails that it has received. */
export async function startMailbox(): Promise<string[]> {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    async onData(stream, _session, callback) {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      mails.push(Buffer.concat(chunks).toString("utf8"));
      callback();
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  after(() => server.close());
  const { port } = server.server.address() as AddressInfo;
  settings().SMTP_URL = `smtp://127.0.0.1:${port}`;
  return mails;
}
