import * as field from "#chassis/fields.ts";

const UNPRINTABLE = /\p{C}|(?! )\p{Z}/u;
const LINK = /[/\\<>@]|[\p{L}\p{N}]{2,}\.\p{L}{2,}/u;

/** The name of an account, which appears in mails: short, printable and without links. */
export const displayName = () =>
  field
    .string({ max: 60 })
    .refine(
      (name) => name.trim() !== "" && !UNPRINTABLE.test(name) && !LINK.test(name),
      "Must be printable and without links",
    );
