import type { settingsRoutes } from "../../contract/settings-routes.ts";
import { listAssignments } from "../../features/assignment/list.ts";
import { createBusinessHours } from "../../features/business-hours/create.ts";
import { deleteBusinessHours } from "../../features/business-hours/delete.ts";
import { getBusinessHours, listBusinessHours } from "../../features/business-hours/list.ts";
import { updateBusinessHours } from "../../features/business-hours/update.ts";
import { createDepartment } from "../../features/department/create.ts";
import { deleteDepartment } from "../../features/department/delete.ts";
import { getDepartment, listDepartments } from "../../features/department/list.ts";
import { addMember, removeMember } from "../../features/department/member.ts";
import { restoreDepartment } from "../../features/department/restore.ts";
import { updateDepartment } from "../../features/department/update.ts";
import { createInbox } from "../../features/inbox/create.ts";
import { deleteInbox } from "../../features/inbox/delete.ts";
import { addIdentitySecret, removeIdentitySecret } from "../../features/inbox/identity-secret.ts";
import { getInbox, listInboxes } from "../../features/inbox/list.ts";
import { restoreInbox } from "../../features/inbox/restore.ts";
import { updateInbox } from "../../features/inbox/update.ts";
import { replayRouting } from "../../features/routing/replay.ts";
import type { HandlersOf } from "../guard.ts";

export const settingsHandlers: HandlersOf<typeof settingsRoutes> = {
  "department/list": ({ ctx, query }) => listDepartments(ctx, query),
  "department/create": ({ ctx, body }) => createDepartment(ctx, body),
  "department/get": ({ ctx, params }) => getDepartment(ctx, params),
  "department/update": ({ ctx, params, body }) => updateDepartment(ctx, { ...body, ...params }),
  "department/delete": ({ ctx, params }) => deleteDepartment(ctx, params),
  "department/restore": ({ ctx, params }) => restoreDepartment(ctx, params),
  "department/add-member": ({ ctx, params }) => addMember(ctx, params),
  "department/remove-member": ({ ctx, params }) => removeMember(ctx, params),
  "inbox/list": ({ ctx, query }) => listInboxes(ctx, query),
  "inbox/create": ({ ctx, body }) => createInbox(ctx, body),
  "inbox/get": ({ ctx, params }) => getInbox(ctx, params),
  "inbox/update": ({ ctx, params, body }) => updateInbox(ctx, { ...body, ...params }),
  "inbox/delete": ({ ctx, params }) => deleteInbox(ctx, params),
  "inbox/restore": ({ ctx, params }) => restoreInbox(ctx, params),
  "inbox/add-identity-secret": ({ ctx, params }) => addIdentitySecret(ctx, params),
  "inbox/remove-identity-secret": ({ ctx, params }) => removeIdentitySecret(ctx, params),
  "business-hours/list": ({ ctx, query }) => listBusinessHours(ctx, query),
  "business-hours/create": ({ ctx, body }) => createBusinessHours(ctx, body),
  "business-hours/get": ({ ctx, params }) => getBusinessHours(ctx, params),
  "business-hours/update": ({ ctx, params, body }) => updateBusinessHours(ctx, { ...body, ...params }),
  "business-hours/delete": ({ ctx, params }) => deleteBusinessHours(ctx, params),
  "assignment/list": ({ ctx, params, query }) => listAssignments(ctx, { ...query, ...params }),
  "routing/replay": ({ ctx, params, body }) => replayRouting(ctx, { ...body, ...params }),
};
