// Names of fields that open doors, however they are spelled; a hash of one would be worth guessing against.
const secret =
  /^(.*(password|secret|secrets|token|hash|hashes)|authorization|(set)?cookies?|apikey|totp|recoverycodes?)$/iu;

const hidden = "[redacted]";
const deepest = 8;

/**
 * A copy in which whatever a field's name gives away as a secret is hidden, at any depth of plain objects and lists. What is
 * written into the audit log stays there for ever, and logs go anywhere, so this stands behind the care of everybody else.
 */
export const redact = (value: unknown, depth = 0): unknown => {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return value.toISOString();
  const isList = Array.isArray(value);
  if (!isList && Object.getPrototypeOf(value) !== Object.prototype) return value;
  if (depth >= deepest) return hidden;
  if (isList) return value.map((each) => redact(each, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, held]) => held !== undefined)
      .map(([name, held]) => [
        name,
        held !== null && secret.test(name.replaceAll(/[-_]/gu, "")) ? hidden : redact(held, depth + 1),
      ]),
  );
};
