/**
 * Types of fields, validated strictly and normalized. Integers that a JavaScript number cannot represent are read as
 * bigint, see `route.ts`.
 */
import { z } from "zod";

interface Bounds {
  min?: number;
  max?: number;
}

// PostgreSQL stores neither NUL nor unpaired surrogates.
const isStorable = (value: string) => !value.includes("\0") && value.isWellFormed();

/** Text with a bounded number of code points, which is how JSON Schema and PostgreSQL count. */
function characters(min: number, max: number) {
  const fits = (value: string) => {
    const length = [...value].length;
    return length >= min && length <= max;
  };
  return z
    .string()
    .refine(isStorable, "Must be valid Unicode without NUL characters")
    .refine(fits, `Must have ${min} to ${max} characters`)
    .meta({ ...(min > 0 && { minLength: min }), maxLength: max, pattern: "^[^\\x00]*$" });
}

export const string = ({ min = 1, max = 255 }: Bounds = {}) => characters(min, max);

export const text = ({ min = 0, max = 10_000 }: Bounds = {}) => characters(min, max);

const EMAIL =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$/;

const MAX_LOCAL_PART = 64;

/** Normalized to lower case. */
export const email = () =>
  z
    .email({ pattern: EMAIL })
    .max(254)
    .refine((value) => value.indexOf("@") <= MAX_LOCAL_PART, "Too long before the @")
    .toLowerCase();

export const url = () =>
  z
    .string()
    .max(2000)
    .regex(/^https?:\/\/[^\s\0]+$/, "Must begin with http:// or https://")
    .refine(isStorable, "Must be valid Unicode without NUL characters")
    .refine(URL.canParse, "Must be a URL")
    .meta({ format: "uri", pattern: "^https?://[^\\s\\x00]+$" });

export const uuid = () => z.guid().toLowerCase();

export const integer = ({ min, max }: Bounds = {}) => {
  const { MIN_SAFE_INTEGER, MAX_SAFE_INTEGER } = Number;
  return z
    .int()
    .min(min ?? MIN_SAFE_INTEGER)
    .max(max ?? MAX_SAFE_INTEGER);
};

export const number = ({ min, max }: Bounds = {}) => {
  const lower = min === undefined ? z.number() : z.number().min(min);
  const inBounds = max === undefined ? lower : lower.max(max);
  return z.preprocess((value) => (typeof value === "bigint" ? Number(value) : value), inBounds);
};

/** The value in ten-thousandths, to compare decimals exactly. */
function scaled(decimal: string): bigint {
  const [whole, fraction = ""] = decimal.split(".");
  return BigInt(whole + fraction.padEnd(4, "0"));
}

/** Remove leading and trailing zeros: `-012.50` becomes `-12.5`. */
function plainDecimal(decimal: string): string {
  const value = scaled(decimal);
  const digits = String(value < 0n ? -value : value).padStart(5, "0");
  const fraction = digits.slice(-4).replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -4)}${fraction && `.${fraction}`}`;
}

const isNumeric = (value: unknown) => typeof value === "number" || typeof value === "bigint";

/** A decimal string, since JavaScript numbers are not exact; numbers are also accepted. */
export const decimal = ({ min, max }: { min?: string; max?: string } = {}) => {
  const inBounds = (value: string) =>
    (min === undefined || scaled(value) >= scaled(min)) &&
    (max === undefined || scaled(value) <= scaled(max));
  const digits = z
    .string()
    .regex(/^-?[0-9]{1,14}(\.[0-9]{1,4})?$/, {
      error: "Must have up to 14 digits before and 4 after the point",
      abort: true,
    })
    .refine(inBounds, `Must be between ${min ?? "any"} and ${max ?? "any"}`)
    .overwrite(plainDecimal);
  const number = {
    type: "number",
    ...(min !== undefined && { minimum: Number(min) }),
    ...(max !== undefined && { maximum: Number(max) }),
  };
  return z
    .preprocess((value) => (isNumeric(value) ? String(value) : value), digits)
    .meta({ accepts: [number, { type: "string" }] });
};

export const boolean = () => z.boolean();

const YEARS = "Must be in the years 1 to 9999";

export const date = () => z.iso.date().refine((value) => !value.startsWith("0000"), YEARS);

/** An instant, normalized to UTC with milliseconds. */
export const datetime = () =>
  z.iso
    .datetime({ offset: true, abort: true })
    .refine((value) => /^(?!0000)\d{4}-/.test(new Date(value).toISOString()), YEARS)
    .overwrite((value) => new Date(value).toISOString());

const MAX_DEPTH = 64;

function isExchangeable(value: unknown, depth = 1): boolean {
  if (depth > MAX_DEPTH + 1) return false;
  if (typeof value === "string") return isStorable(value);
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "bigint") return false;
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(
    ([key, inner]) => isStorable(key) && isExchangeable(inner, depth + 1),
  );
}

export type Json = Record<string, unknown> | unknown[];

const isContainer = (value: unknown) => typeof value === "object" && value !== null;

/** Any object or array that PostgreSQL can store and other languages can read. */
export const json = () =>
  z
    .any()
    .refine(isContainer, { error: "Must be an object or an array", abort: true })
    .refine(isExchangeable, "Must hold valid Unicode, exact integers and no more than 64 levels")
    .meta({ shows: { type: ["object", "array"] } });

/**
 * Return a schema for data from another version of a service: a missing field is its default, an empty list or
 * undefined, and unknown enum values are kept.
 */
export function received<Schema extends z.ZodType>(schema: Schema): Schema {
  if (!(schema instanceof z.ZodObject)) return schema;
  const fields = Object.entries(schema.shape as z.ZodRawShape);
  const shape = fields.map(([name, field]) => [name, absent(tolerant(field as z.ZodType))]);
  return z.object(Object.fromEntries(shape)) as unknown as Schema;
}

const absent = (field: z.ZodType) =>
  field instanceof z.ZodArray ? field.default([]) : field.optional();

function tolerant(field: z.ZodType): z.ZodType {
  if (field instanceof z.ZodEnum) return z.string();
  if (field instanceof z.ZodArray) return z.array(tolerant(field.element as z.ZodType));
  if (field instanceof z.ZodNullable) return tolerant(field.unwrap() as z.ZodType).nullable();
  if (field instanceof z.ZodDefault) {
    return tolerant(field.unwrap() as z.ZodType).default(field.def.defaultValue);
  }
  return field;
}
