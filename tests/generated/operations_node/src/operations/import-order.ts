import { Problem } from "#chassis/problems.ts";
import type { ImportOrder, ImportOrderOutput } from "../operations.ts";
import { repository } from "../resources/order.ts";

export async function importOrder({ input, caller, tx }: ImportOrder): Promise<ImportOrderOutput> {
  if (caller.id === undefined) throw new Problem(403, "Only accounts import orders.");
  const row = await repository.insert(tx, { user_id: caller.id, total: input.price });
  const output = { accepted: input.rows, kind: input.kind, id: row.id };
  return output;
}
