/** Every right a role can hold, with the sentence a settings page shows for it. */
export const permissions = {
  "conversation.read": "See and open the conversations in their departments, and those assigned to them",
  "conversation.read_all": "See and open every support conversation of the workspace",
  "conversation.assign": "Take conversations and assign them to other agents",
  "conversation.assign_absent": "Assign conversations to agents who are offline or away",
  "conversation.transfer": "Hand conversations over to another agent or department",
  "conversation.resolve": "Resolve conversations",
  "conversation.reopen": "Reopen resolved conversations",
  "message.send": "Reply to contacts and write internal notes",
  "message.edit_any": "Edit what others wrote",
  "message.delete_any": "Delete what others wrote",
  "availability.set": "Switch between available and away",
  "offer.answer": "Accept or decline conversations that are offered",
  "assignment.read": "See why a conversation went to an agent",
  "tenant.read": "See the workspace, its plan and its usage",
  "tenant.update": "Change the workspace's name, domains and allowed origins",
  "plan.update": "Change the workspace's plan",
  "agent.read": "See the members of the workspace",
  "agent.update": "Change a member's role, capacity and skills",
  "agent.deactivate": "Deactivate members and bring them back",
  "invitation.read": "See who is invited",
  "invitation.create": "Invite people and revoke invitations",
  "role.read": "See roles and what they include",
  "role.manage": "Create, change and delete roles",
  "department.read": "See departments, their members and business hours",
  "department.manage": "Create, change and delete departments and business hours",
  "inbox.read": "See inboxes and their settings",
  "inbox.manage": "Create, change and delete inboxes",
  "routing.replay": "Try another routing policy on past decisions",
  "api_key.manage": "Create and revoke API keys",
  "audit_event.read": "Read the audit log",
  "audit_event.export": "Export the audit log",
  "platform.read": "See all workspaces",
  "platform.manage": "Create workspaces, suspend and resume them and change their plans",
  "platform.impersonate": "Act as a member of a workspace for a limited time and a stated reason",
} as const;

export type Permission = keyof typeof permissions;

const all = Object.keys(permissions) as Permission[];

/** Rights of Parley's own staff: no role of a customer's workspace can hold them. */
export const platformPermissions: readonly Permission[] = ["platform.read", "platform.manage", "platform.impersonate"];
/** Every right a role of a workspace can hold. */
export const tenantPermissions: readonly Permission[] = all.filter((one) => !platformPermissions.includes(one));

const answering: Permission[] = [
  "conversation.read",
  "conversation.assign",
  "conversation.transfer",
  "conversation.resolve",
  "conversation.reopen",
  "message.send",
  "availability.set",
  "offer.answer",
  "assignment.read",
  "agent.read",
  "department.read",
];

const reading: Permission[] = [
  "conversation.read",
  "conversation.read_all",
  "assignment.read",
  "agent.read",
  "department.read",
];

const onlyForAdmins: Permission[] = [
  "tenant.update",
  "plan.update",
  "agent.deactivate",
  "role.manage",
  "inbox.manage",
  "api_key.manage",
  "audit_event.export",
];

/** The roles every workspace has from the start. */
export const builtInRoles = {
  tenant_admin: [...tenantPermissions],
  manager: tenantPermissions.filter((one) => !onlyForAdmins.includes(one)),
  agent: answering,
  read_only: reading,
} satisfies Record<string, Permission[]>;

/** The roles of Parley's own staff, in the platform's workspace and nowhere else. */
export const platformRoles = {
  super_admin: [...all],
  platform_support: ["platform.read", "platform.impersonate"],
} satisfies Record<string, Permission[]>;

export type BuiltInRole = keyof typeof builtInRoles | keyof typeof platformRoles;
/** A role of the built-in ones a workspace has; custom roles have keys of their own. */
export type Role = keyof typeof builtInRoles;
export const roles = Object.keys(builtInRoles) as [Role, ...Role[]];

const everyBuiltIn: Record<string, Permission[]> = { ...builtInRoles, ...platformRoles };

/** What a role holds: a built-in one what stands above, a custom one what it was given and still exists. */
export const permissionsOf = (role: { key: string; builtIn: boolean; permissions: string[] }): Permission[] =>
  role.builtIn
    ? (everyBuiltIn[role.key] ?? [])
    : role.permissions.filter((one): one is Permission => tenantPermissions.includes(one as Permission));

/** Whether these rights suffice to serve contacts: nobody answers what they can't see. */
export const canAnswer = (held: readonly string[]): boolean =>
  held.includes("conversation.read") && held.includes("message.send");

/** The built-in roles that see every support conversation, for queries that must know. */
export const builtInRolesThatSeeAll = Object.keys(everyBuiltIn).filter((key) =>
  everyBuiltIn[key]!.includes("conversation.read_all"),
);

/** How a settings page calls the built-in roles. */
export const builtInRoleNames: Record<BuiltInRole, string> = {
  tenant_admin: "Admin",
  manager: "Manager",
  agent: "Agent",
  read_only: "Read only",
  super_admin: "Super admin",
  platform_support: "Platform support",
};
