/** How the schemas of zod are written in the OpenAPI document. */

/**
 * Two properties of a schema's `meta` are meant for this description: `accepts`, the forms that it may have in a
 * request, and `shows`, what is said instead of how it is checked.
 */
export function asShown(schema: Record<string, unknown>, io: "input" | "output"): void {
  const { accepts, shows } = schema;
  delete schema.accepts;
  delete schema.shows;
  delete schema.propertyNames;
  if (isObject(shows)) {
    delete schema.anyOf;
    Object.assign(schema, shows);
  }
  if (accepts && io === "input") {
    delete schema.type;
    schema.anyOf = accepts;
  }
  // Answers may have more properties in a later version.
  if (io === "output" && schema.additionalProperties === false) delete schema.additionalProperties;
}

// These formats say it better than the regular expressions that check them.
const FORMATS = new Set(["uuid", "date", "date-time"]);

/** Writes a part of the document in the way that most tools understand. */
export function simplified(part: unknown): unknown {
  if (!isObject(part)) return part;
  if (typeof part.in === "string" && part.schema) return { required: false, ...part };
  if (typeof part.format === "string" && FORMATS.has(part.format)) delete part.pattern;
  if (Array.isArray(part.parameters) && part.parameters.length === 0) delete part.parameters;
  const { type, enum: choices, ...rest } = part;
  if (Array.isArray(choices) && choices.length === 1) return { type, const: choices[0], ...rest };
  if (!Array.isArray(type) || isObjectOrArray(type)) return part;
  return { ...rest, anyOf: alternatives(type) };
}

const isObjectOrArray = (types: unknown[]) => types.join() === "object,array";

function alternatives(types: unknown[]): object[] {
  const values = types.filter((type) => type !== "null");
  const shown = isObjectOrArray(values) ? [{ type: values }] : values.map((type) => ({ type }));
  return types.includes("null") ? [...shown, { type: "null" }] : shown;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
