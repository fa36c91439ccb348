/** Query parameters, which are text, read as the types that resources are filtered by. */
import { z } from "zod";
import * as field from "./fields.ts";
import * as parameter from "./parameters.ts";

const entries = new WeakSet<object>();

/** A value that a list has to contain. */
export function entry<T extends z.ZodType>(schema: T): T {
  entries.add(schema);
  return schema;
}

export const isEntry = (schema: object | undefined) => schema !== undefined && entries.has(schema);

/** A whole number, of a parameter that has a default. */
export const bounded = (min: number, max: number) => parameter.integer(z.int().min(min).max(max));

export const integer = () => parameter.integer(field.integer().nullish());
export const number = () => parameter.number(field.number().nullish());
export const boolean = () => parameter.boolean(z.boolean().nullish());
export const decimal = () => field.decimal().nullish();
export const string = () => field.string().nullish();
export const email = () => field.email().nullish();
export const url = () => field.url().nullish();
export const uuid = () => field.uuid().nullish();
export const date = () => field.date().nullish();
export const datetime = () => field.datetime().nullish();
