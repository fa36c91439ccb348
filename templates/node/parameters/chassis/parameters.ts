/** Parameters of paths and queries: texts, read as the values of a schema. */
import { z } from "zod";

function read<T extends z.ZodType>(pattern: RegExp, convert: (text: string) => unknown, schema: T) {
  return z.preprocess(
    (value) => (typeof value === "string" && pattern.test(value) ? convert(value) : value),
    schema,
  );
}

export const integer = <T extends z.ZodType>(schema: T) => read(/^[+-]?\d+$/, Number, schema);

export const number = <T extends z.ZodType>(schema: T) =>
  read(/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i, Number, schema);

export const boolean = <T extends z.ZodType>(schema: T) =>
  read(/^(true|false)$/, (value) => value === "true", schema);
