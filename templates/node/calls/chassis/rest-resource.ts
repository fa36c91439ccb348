/** The five operations of a resource of another service. */
import { z } from "zod";
import * as field from "./fields.ts";
import { type Client, Refused } from "./rest-client.ts";

/** What a service adds to the fields of its resources. */
export const stamps = {
  id: field.uuid(),
  version: z.int(),
  created_at: field.datetime(),
  updated_at: field.datetime(),
};

/** `limit`, `offset`, `sort`, and filters by field. */
export type Query = Record<string, string | number | boolean | undefined>;

interface Definition<Shown extends z.ZodType, Sent extends z.ZodType> {
  call: Client;
  path: string;
  shown: Shown;
  sent: Sent;
}

export function createResource<Shown extends z.ZodType, Sent extends z.ZodType>({
  call,
  path,
  ...definition
}: Definition<Shown, Sent>) {
  const shown = field.received(definition.shown);
  const page = z.object({
    items: z.array(shown),
    total: z.int(),
    limit: z.int(),
    offset: z.int(),
  });
  const at = (id: string) => `${path}/${encodeURIComponent(id)}`;
  return {
    list: (query: Query = {}) => call({ method: "GET", path, query, schema: page }),

    /** Undefined where there is none with this id. */
    get: (id: string) => found(call({ method: "GET", path: at(id), schema: shown })),

    exists: async (id: string) => {
      const asked = call({ method: "GET", path: at(id) }).then(() => true);
      return (await found(asked)) ?? false;
    },

    create: (body: z.output<Sent>) => call({ method: "POST", path, body, schema: shown }),

    /** Refused with 412 where `ifMatch` names another version. */
    update: (id: string, body: Partial<z.output<Sent>>, ifMatch?: string) =>
      call({ method: "PATCH", path: at(id), body, ifMatch, schema: shown }),

    delete: (id: string, ifMatch?: string) => call({ method: "DELETE", path: at(id), ifMatch }),
  };
}

async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refused && error.answer === 404) return undefined;
    throw error;
  }
}
