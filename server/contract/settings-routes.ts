import { assignmentRoutes } from "./assignment-routes.ts";
import { businessHoursRoutes } from "./business-hours-routes.ts";
import { departmentRoutes } from "./department-routes.ts";
import { inboxRoutes } from "./inbox-routes.ts";

/** Departments, inboxes and business hours, and why routing decided as it did. */
export const settingsRoutes = { ...departmentRoutes, ...inboxRoutes, ...businessHoursRoutes, ...assignmentRoutes };
