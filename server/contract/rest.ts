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
  v.regex(/^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/u, "must be 3 to 63 lowercase letters, digits and inner hyphens"),
);

// Line breaks and the like, and marks that turn what follows them around.
const unprintable = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
// What programs that show mails make a link of: a scheme, somebody's address, or a host name.
const address = /\p{L}:\/\/|[^\s@]@[^\s@]|[\p{L}\p{N}][.\u3002\uff0e\uff61]\p{L}{2}/u;

/** What people see of something that is theirs alone, such as an inbox, which may well be called as the site is. */
export const Title = v.pipe(
  label(100),
  v.check((name) => !unprintable.test(name), "must not hold line breaks or marks of direction"),
);

/**
 * What somebody or something is called. Names go into mails to strangers, where whoever chooses them has not chosen what
 * such a mail says, or where it leads.
 */
export const Name = v.pipe(
  Title,
  v.check(
    (name) => !address.test(name),
    "must not hold an address such as example.com: it would become a link in mails",
  ),
);

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
