import { accessRoutes } from "./access-routes.ts";
import { authRoutes } from "./auth-routes.ts";
import { conversationRoutes } from "./conversation-routes.ts";
import { peopleRoutes } from "./people-routes.ts";
import { platformRoutes } from "./platform-routes.ts";
import { settingsRoutes } from "./settings-routes.ts";
import { workspaceRoutes } from "./workspace-routes.ts";

export { LoginData } from "./auth-routes.ts";
export { apiPrefix } from "./rest.ts";

/** Every REST route, by name. The name's first part is its tag in the documentation. */
export const routes = {
  ...authRoutes,
  ...workspaceRoutes,
  ...accessRoutes,
  ...peopleRoutes,
  ...settingsRoutes,
  ...conversationRoutes,
  ...platformRoutes,
};

export type Routes = typeof routes;
