import * as v from "valibot";

/** What valibot found wrong with a value; `requirement` is what a rule beside the type asks for. */
type Issue = v.BaseIssue<unknown> & { requirement?: unknown };

const many = (count: unknown, { input }: Issue) => {
  const unit = Array.isArray(input) ? "item" : "character";
  return `${String(count)} ${unit}${count === 1 ? "" : "s"}`;
};
/** `("a" | "b")` as a list. */
const listed = ({ expected }: Issue) => (expected ?? "").replace(/^\(|\)$|"/gu, "").replaceAll(" | ", ", ");

const oneOf = (issue: Issue) => `must be one of ${listed(issue)}`;
const object = () => "must be an object";

// Only what the contract uses and what nobody would find out from valibot's own words.
const musts: Record<string, (issue: Issue) => string> = {
  string: () => "must be text",
  number: () => "must be a number",
  boolean: () => "must be true or false",
  array: () => "must be a list",
  object,
  strict_object: object,
  record: object,
  picklist: oneOf,
  literal: oneOf,
  variant: oneOf,
  integer: () => "must be a whole number",
  min_value: ({ requirement }) => `must be at least ${String(requirement)}`,
  max_value: ({ requirement }) => `must be at most ${String(requirement)}`,
  min_length: (issue) =>
    issue.requirement === 1 ? "must not be empty" : `must have at least ${many(issue.requirement, issue)}`,
  max_length: (issue) => `must have at most ${many(issue.requirement, issue)}`,
  max_bytes: ({ requirement }) => `must have at most ${String(requirement)} bytes`,
  max_entries: ({ requirement }) => `must have at most ${String(requirement)} entries`,
  uuid: () => "must be an id (a UUID)",
  regex: () => "must be in the form that is expected here",
  iso_date: () => "must be a day, such as 2026-11-21",
  iso_timestamp: () => "must be a moment, such as 2026-11-21T09:30:00Z",
};

// A rule of the contract says in its own words what must be.
const isOwn = (message: string) => !message.startsWith("Invalid ");

/**
 * What is wrong with a value that the contract refuses, as words for whoever sent it, behind the path to it below `root`.
 * Never what was received: that would carry people's words back into logs.
 */
export const breachOf = (issue: v.BaseIssue<unknown>, root?: string): string => {
  const path = [root, v.getDotPath(issue)].filter(Boolean).join(".");
  const said = () => {
    if (issue.expected === "never") return "is not known here";
    if (issue.received === "undefined") return "is missing";
    const message = issue.message.replace(/(?: but|:) received .*/isu, "");
    return isOwn(message) ? message : (musts[issue.type]?.(issue) ?? message);
  };
  return path === "" ? `The value ${said()}` : `${path}: ${said()}`;
};
