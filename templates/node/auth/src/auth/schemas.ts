/** Parts of requests and responses about accounts. */
import { z } from "zod";
import type { accounts } from "../schema/accounts.ts";

/** Counted in code points, like all text. */
export function password(min: number, max = 128) {
  const fits = (value: string) => {
    const { length } = [...value];
    return value.isWellFormed() && length >= min && length <= max;
  };
  return z
    .string()
    .refine(fits, `Must have ${min} to ${max} characters`)
    .meta({ format: "password", writeOnly: true, minLength: min, maxLength: max });
}

export const AccountOut = z
  .object({
    id: z.guid(),
    email: z.string(),
    name: z.string(),
    roles: z.array(z.string()),
    locked: z.boolean(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: "AccountOut" });

export type Account = typeof accounts.$inferSelect;

export function shown(account: Account): z.infer<typeof AccountOut> {
  const { id, email, name, roles, locked, created_at } = account;
  return { id, email, name, roles, locked, created_at: created_at.toISOString() };
}
