/** Query parameters, which are text, read as the types that resources are filtered by. */
import { z } from "zod";
import * as field from "./fields.ts";

function read<T>(pattern: RegExp, convert: (text: string) => unknown, schema: z.ZodType<T>) {
  return z.preprocess(
    (value) => (typeof value === "string" && pattern.test(value) ? convert(value) : value),
    schema.optional(),
  );
}

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;
const BOOLEAN = /^(true|false)$/;

export const integer = (schema: z.ZodType = field.integer()) => read(INTEGER, Number, schema);
export const number = () => read(NUMBER, Number, field.number());
export const boolean = () => read(BOOLEAN, (value) => value === "true", z.boolean());
export const decimal = () => field.decimal().optional();
export const string = () => field.string().optional();
export const email = () => z.string().optional();
export const url = () => z.string().optional();
export const uuid = () => field.uuid().optional();
export const date = () => field.date().optional();
export const datetime = () => field.datetime().optional();
