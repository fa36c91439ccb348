/** Query parameters, which are text, read as the types that resources are filtered by. */
import { z } from "zod";
import * as field from "./fields.ts";

function read<T extends z.ZodType>(pattern: RegExp, convert: (text: string) => unknown, schema: T) {
  return z.preprocess(
    (value) => (typeof value === "string" && pattern.test(value) ? convert(value) : value),
    schema,
  );
}

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;
const BOOLEAN = /^(true|false)$/;

const entries = new WeakSet<object>();

/** A value that a list has to contain. */
export function entry<T extends z.ZodType>(schema: T): T {
  entries.add(schema);
  return schema;
}

export const isEntry = (schema: object | undefined) => schema !== undefined && entries.has(schema);

/** A whole number, of a parameter that has a default. */
export const bounded = (min: number, max: number) =>
  read(INTEGER, Number, z.int().min(min).max(max));

export const integer = () => read(INTEGER, Number, field.integer().nullish());
export const number = () => read(NUMBER, Number, field.number().nullish());
export const boolean = () => read(BOOLEAN, (value) => value === "true", z.boolean().nullish());
export const decimal = () => field.decimal().nullish();
export const string = () => field.string().nullish();
export const email = () => field.email().nullish();
export const url = () => field.url().nullish();
export const uuid = () => field.uuid().nullish();
export const date = () => field.date().nullish();
export const datetime = () => field.datetime().nullish();
