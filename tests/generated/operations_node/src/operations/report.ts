import type { File } from "#chassis/files.ts";
import type { Report } from "../operations.ts";
import { orders } from "../schema/order.ts";

export async function report({ tx }: Report): Promise<File> {
  const rows = await tx.select().from(orders);
  async function* lines() {
    yield "id,total\n";
    for (const { id, total } of rows) yield `${id},${total}\n`;
  }
  return { content: lines(), type: "text/csv", name: "orders – all.csv" };
}
