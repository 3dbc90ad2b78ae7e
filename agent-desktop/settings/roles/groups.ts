import type { Permission } from "../../../server/contract/permissions.ts";

const titles: { title: string; nouns: string[] }[] = [
  { title: "Conversations", nouns: ["conversation", "message", "availability", "offer", "assignment"] },
  { title: "People and roles", nouns: ["agent", "invitation", "role"] },
  { title: "Departments and inboxes", nouns: ["department", "inbox", "routing"] },
  { title: "Workspace", nouns: ["tenant", "plan", "api_key", "audit_event"] },
];

/** Permissions under the headings of a settings page; what none of them names comes last. */
export const groupPermissions = (
  permissions: readonly Permission[],
): { title: string; permissions: Permission[] }[] => {
  const nounOf = (permission: Permission) => permission.slice(0, permission.indexOf("."));
  const named = titles.map(({ title, nouns }) => ({
    title,
    permissions: permissions.filter((one) => nouns.includes(nounOf(one))),
  }));
  const known = titles.flatMap(({ nouns }) => nouns);
  const others = permissions.filter((one) => !known.includes(nounOf(one)));
  return [...named, { title: "More", permissions: others }].filter((group) => group.permissions.length > 0);
};
