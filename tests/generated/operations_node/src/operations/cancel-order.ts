import { publish } from "#chassis/outbox.ts";
import { refuse } from "#chassis/problems.ts";
import { orderCancelled } from "../messages.ts";
import type { CancelOrder } from "../operations.ts";
import { repository } from "../resources/order.ts";
import type { Order } from "../schema/order.ts";

export async function cancelOrder({ order, input, tx }: CancelOrder): Promise<Order> {
  await publish(tx, orderCancelled({ order_id: order.id, reason: input.reason }));
  if (input.reason === "none") throw refuse({ reason: "Must be a reason" });
  return repository.update(tx, order, { total: "0", margin: "7" });
}
