/** Access to the rows of a resource, for each action and field. Repositories enforce it. */
import type { RequestHandler } from "express";
import { logDenial } from "./denials.ts";
import { callerId, denied, type Grantees, isGranted, isService } from "./grants.ts";
import { Problem } from "./problems.ts";
import type { Access, Identity } from "./repository.ts";

type Action = "list" | "read" | "create" | "update" | "delete";

interface Rules extends Record<Action, Grantees> {
  /** The column that holds the owner's account id. */
  owner?: string;
  /** Grantees of operations on a row, by name. */
  operations?: Record<string, Grantees>;
  /** Fields that fewer callers may read or write than the row. */
  fields?: Record<string, { read?: Grantees; write?: Grantees }>;
}

export function createAccess(resource: string, rules: Rules) {
  const { owner, fields = {}, operations = {}, ...actions } = rules;
  const granted: Record<string, Grantees> = { ...operations, ...actions };
  const names = Object.keys(fields).sort();

  function owns(row: object): boolean {
    const id = callerId();
    return id !== undefined && (row as Record<string, unknown>)[owner ?? ""] === id;
  }

  /** Whether the caller may do this with every row; a service may not create a row that needs an owner. */
  const isAllowed = (action: string) =>
    isService() ? action !== "create" || !owner : isGranted(granted[action] ?? []);

  const mayOwn = (grantees: Grantees) => grantees.includes("owner") && callerId() !== undefined;

  const isGrantedFor = (row: object, grantees: Grantees) =>
    isService() || isGranted(grantees) || (grantees.includes("owner") && owns(row));

  /** Respond with 403 to a query that reveals fields which the caller may not read. */
  function checkQuery(query: object, own: boolean): void {
    const used = usedFields(query);
    for (const name of names) {
      const { read } = fields[name] ?? {};
      const isSeen = isService() || isGranted(read ?? []) || (own && mayOwn(read ?? []));
      if (!read || !used.has(name) || isSeen) continue;
      throw denied({ action: "list", resource });
    }
  }

  return {
    owner,

    /**
     * Respond with 403 to callers who may do this with no row. Those who may not read a row get a 404 later: for them,
     * it does not exist.
     */
    guard: (action: string): RequestHandler => {
      const grantees = granted[action] ?? [];
      return (_request, _response, next) => {
        const isPossible = isAllowed(action) || (action !== "create" && mayOwn(grantees));
        const isSeen = action === "create" || isAllowed("read");
        if (!isPossible && isSeen) throw denied({ action, resource });
        next();
      };
    },

    checkList(query: object): string | undefined {
      const all = isService() || isGranted(rules.list);
      if (!all && !mayOwn(rules.list)) throw denied({ action: "list", resource });
      if (names.length > 0) checkQuery(query, !all);
      return all ? undefined : callerId();
    },

    checkCreate(): void {
      if (!isAllowed("create")) throw denied({ action: "create", resource });
    },

    checkRow(action: string, row: Identity): void {
      const { id } = row;
      if (isGrantedFor(row, granted[action] ?? [])) return;
      if (isGrantedFor(row, rules.read)) throw denied({ action, resource, id });
      logDenial({ action, resource, id });
      throw new Problem(404, "There is no such resource.");
    },

    /** Respond with 403 to a body with fields that the caller may not write; without a row, the caller creates it. */
    checkFields(body: object, row?: Identity): void {
      const refused = names.filter((name) => {
        const { write } = fields[name] ?? {};
        if (!write || !Object.hasOwn(body, name) || isService() || isGranted(write)) return false;
        return row ? !isGrantedFor(row, write) : !mayOwn(write);
      });
      if (refused.length === 0) return;
      const message = "Must not be set by this account";
      throw denied(
        { action: row ? "update" : "create", resource, id: row?.id },
        refused.map((name) => ({ field: `body.${name}`, message })),
      );
    },

    /** The fields of a row that the caller may not read. */
    hidden: (row: object): string[] =>
      names.filter((name) => {
        const { read } = fields[name] ?? {};
        return read && !isGrantedFor(row, read);
      }),
  } satisfies Access & Record<string, unknown>;
}

/** The fields that a list is filtered or sorted by. */
function usedFields(query: object): Set<string> {
  const { sort = "", ...filters } = query as Record<string, unknown>;
  const isGiven = (name: string) => filters[name] !== undefined && filters[name] !== null;
  const names = Object.keys(filters).filter(isGiven);
  const stems = names.map((name) => name.replace(/_(min|max)$/, ""));
  const keys = String(sort).split(",");
  return new Set([...names, ...stems, ...keys.map((key) => key.replace(/^-/, ""))]);
}
