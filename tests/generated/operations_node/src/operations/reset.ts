import type { Reset } from "../operations.ts";
import { repository } from "../resources/order.ts";
import { orders } from "../schema/order.ts";

export async function reset({ tx }: Reset): Promise<void> {
  for (const row of await tx.select().from(orders)) await repository.delete(tx, row);
}
