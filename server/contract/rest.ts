import * as v from "valibot";
import { Email, label, text } from "./entities.ts";

export { Email };

/** Where every REST route hangs. */
export const apiPrefix = "/api/v1";

export const queryNumber = (least: number, most: number) =>
  v.pipe(v.string(), v.regex(/^\d{1,15}$/u), v.transform(Number), v.minValue(least), v.maxValue(most));

/** `true` or `false` in a query. */
export const queryFlag = v.pipe(
  v.picklist(["true", "false"]),
  v.transform((value) => value === "true"),
);

/** What every list takes. */
export const pageQuery = { cursor: v.optional(text(200)), limit: v.optional(queryNumber(1, 100)) };

/** What every list answers: a page, and where the next one starts. */
export const pageOf = <S extends v.GenericSchema<any, any>>(item: S) =>
  v.object({ data: v.array(item), nextCursor: v.nullable(v.string()) });

// bcrypt reads 72 bytes and drops the rest, so a longer one is refused rather than half checked.
/** A password somebody shows. */
export const Password = v.pipe(text(72, 1), v.maxBytes(72));
/** A password somebody chooses. In one composition, so that it is the same from every keyboard (RFC 8265). */
export const NewPassword = v.pipe(text(72), v.normalize("NFC"), v.minLength(10), v.maxBytes(72));

/** The short name of a workspace: a subdomain. */
export const Slug = v.pipe(
  v.string(),
  v.normalize("NFKC"),
  v.regex(/^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/u, "must be 3 to 63 small letters, digits and inner hyphens"),
);

export const Name = label(100);

/** An origin exactly as browsers send it: scheme, host, and a port that is not the scheme's own. */
export const Origin = v.pipe(
  text(300, 1),
  v.check((value) => !value.includes("*"), "must name an origin exactly, so without *"),
  v.check(
    (value) => URL.canParse(value) && /^https?:$/u.test(new URL(value).protocol) && new URL(value).origin === value,
    "must be an origin: scheme, host and port, such as https://shop.example",
  ),
);

export const TenantChoice = v.object({ id: v.string(), name: v.string(), slug: v.string() });
