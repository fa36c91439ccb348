/** Adapts JSON Schemas from zod to the OpenAPI document. */

/**
 * Adapt a schema. Two properties of its `meta` are for the document: `accepts` lists the types that requests may use, and
 * `shows` replaces the generated type.
 */
export function adaptSchema(schema: Record<string, unknown>, io: "input" | "output"): void {
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
  // Responses may have more properties in a later version.
  if (io === "output" && schema.additionalProperties === false) delete schema.additionalProperties;
}

// These formats replace the regular expressions that validate them.
const FORMATS = new Set(["uuid", "date", "date-time"]);

/** Rewrite a part of the document in the form that most tools understand. */
export function simplify(part: unknown): unknown {
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
