/** Every right a role can hold, with the sentence a settings page shows for it. */
export const permissions = {
  "conversation.read": "See and open the conversations of one's own departments and one's own",
  "conversation.read_all": "See and open every support conversation of the workspace",
  "conversation.assign": "Take conversations and assign them to other agents",
  "conversation.resolve": "Resolve conversations",
  "conversation.reopen": "Reopen resolved conversations",
  "message.send": "Answer contacts and write internal notes",
  "message.edit_any": "Edit what others wrote",
  "message.delete_any": "Delete what others wrote",
  "availability.set": "Set oneself available or away",
} as const;

export type Permission = keyof typeof permissions;

const answering: Permission[] = [
  "conversation.read",
  "conversation.assign",
  "conversation.resolve",
  "conversation.reopen",
  "message.send",
  "availability.set",
];

const everything = Object.keys(permissions) as Permission[];

/** The roles every workspace has from the start. */
export const builtInRoles = {
  tenant_admin: everything,
  manager: everything,
  agent: answering,
  read_only: ["conversation.read", "conversation.read_all"],
} satisfies Record<string, Permission[]>;

export type Role = keyof typeof builtInRoles;
export const roles = Object.keys(builtInRoles) as [Role, ...Role[]];
