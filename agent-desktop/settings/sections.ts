import {
  IconBuilding,
  IconBuildings,
  IconClock,
  IconCreditCard,
  IconHistory,
  IconInbox,
  IconKey,
  IconShieldHalf,
  IconUser,
  IconUserShare,
  IconUsers,
  IconUsersGroup,
} from "@tabler/icons-react";
import { lazy, type ComponentType } from "react";
import type { RouteName } from "../session/rest.ts";
import { Account } from "./account/account.tsx";
import { ApiKeys } from "./api-keys/api-keys.tsx";
import { AuditLog } from "./audit/audit-log.tsx";
import { Departments } from "./departments/departments.tsx";
import { Hours } from "./hours/hours.tsx";
import { Inboxes } from "./inboxes/inboxes.tsx";
import { People } from "./people/people.tsx";
import { PlanPage } from "./plan/plan-page.tsx";
import { Roles } from "./roles/roles.tsx";
import { Workspace } from "./workspace/workspace.tsx";

export type SectionInfo = {
  path: string;
  name: string;
  icon: typeof IconUser;
  /** What one must be allowed to see it; null: it is one's own. */
  reads: RouteName | null;
  /** `rest`: what stands behind the section in the address. */
  page: ComponentType<{ rest: string }>;
};

// Nobody but Parley's own staff ever opens them.
const Workspaces = lazy(async () => ({ default: (await import("../platform/workspaces.tsx")).Workspaces }));
const Impersonations = lazy(async () => ({ default: (await import("../platform/impersonations.tsx")).Impersonations }));

/** The pages of Parley's own staff, about all workspaces. Who can't see them is not told of them. */
export const platformSections: SectionInfo[] = [
  { path: "workspaces", name: "Workspaces", icon: IconBuildings, reads: "platform-tenant/list", page: Workspaces },
  {
    path: "impersonations",
    name: "Impersonations",
    icon: IconUserShare,
    reads: "impersonation/list",
    page: Impersonations,
  },
];

/** The pages of the settings, in the order of their list. */
export const sections: SectionInfo[] = [
  { path: "account", name: "Your account", icon: IconUser, reads: null, page: Account },
  { path: "people", name: "People", icon: IconUsers, reads: "agent/list", page: People },
  { path: "roles", name: "Roles", icon: IconShieldHalf, reads: "role/list", page: Roles },
  { path: "departments", name: "Departments", icon: IconUsersGroup, reads: "department/list", page: Departments },
  { path: "hours", name: "Business hours", icon: IconClock, reads: "business-hours/list", page: Hours },
  { path: "inboxes", name: "Inboxes", icon: IconInbox, reads: "inbox/list", page: Inboxes },
  { path: "workspace", name: "Workspace", icon: IconBuilding, reads: "tenant/get", page: Workspace },
  { path: "plan", name: "Plan and usage", icon: IconCreditCard, reads: "plan/get", page: PlanPage },
  { path: "api-keys", name: "API keys", icon: IconKey, reads: "api-key/list", page: ApiKeys },
  { path: "audit-log", name: "Audit log", icon: IconHistory, reads: "audit-event/list", page: AuditLog },
];
