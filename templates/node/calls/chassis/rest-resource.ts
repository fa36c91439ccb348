/** The five operations of a resource of another service. */
import { z } from "zod";
import * as field from "./fields.ts";
import { type Client, Refused } from "./rest-client.ts";

/** Fields that a service adds to its resources. */
export const stamps = {
  id: field.uuid(),
  version: z.int(),
  created_at: field.datetime(),
  updated_at: field.datetime(),
};

/** `limit`, `offset`, `sort`, and filters by field. */
export type Query = Record<string, string | number | boolean | undefined>;

interface Page<Read> {
  items: Read[];
  total: number;
  limit: number;
  offset: number;
}

interface Definition<Read, Create> {
  call: Client;
  path: string;
  read: z.ZodType<Read>;
  create: z.ZodType<Create>;
}

export function createResource<Read, Create>(definition: Definition<Read, Create>) {
  const { call, path } = definition;
  const read = field.received(definition.read);
  const items = z.array(read);
  const page: z.ZodType<Page<Read>> = z.object({
    items,
    total: z.int(),
    limit: z.int(),
    offset: z.int(),
  });
  const at = (id: string) => `${path}/${encodeURIComponent(id)}`;
  return {
    list: (query: Query = {}): Promise<Page<Read>> =>
      call({ method: "GET", path, query, schema: page }),

    /** Undefined if there is none with this id. */
    get: (id: string): Promise<Read | undefined> =>
      found(call({ method: "GET", path: at(id), schema: read })),

    exists: async (id: string) => {
      const response = call({ method: "GET", path: at(id) }).then(() => true);
      return (await found(response)) ?? false;
    },

    create: (body: Create): Promise<Read> => call({ method: "POST", path, body, schema: read }),

    /** Refused with 412 if `ifMatch` names another version. */
    update: (id: string, body: Partial<Create>, ifMatch?: string): Promise<Read> =>
      call({ method: "PATCH", path: at(id), body, ifMatch, schema: read }),

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
