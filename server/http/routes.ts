import type { Node } from "../context.ts";
import type { Routes } from "../contract/admin.ts";
import { createFailedLogins } from "../features/auth/failed-logins.ts";
import { createRefreshTokens } from "../features/auth/refresh-token.ts";
import type { AuthParts } from "../features/auth/session.ts";
import type { HandlersOf } from "./guard.ts";
import { accessHandlers } from "./routes/access.ts";
import { authHandlers } from "./routes/auth.ts";
import { conversationHandlers } from "./routes/conversations.ts";
import { peopleHandlers } from "./routes/people.ts";
import { platformHandlers } from "./routes/platform.ts";
import { settingsHandlers } from "./routes/settings.ts";
import { workspaceHandlers } from "./routes/workspace.ts";

/** The table of contents of the REST layer. A declared route without a handler does not compile. */
export const createHandlers = (node: Node): HandlersOf<Routes> => {
  const auth: AuthParts = {
    node,
    refreshTokens: createRefreshTokens(node.config),
    failedLogins: createFailedLogins(node),
  };
  return {
    ...authHandlers(auth),
    ...workspaceHandlers,
    ...accessHandlers,
    ...peopleHandlers(auth),
    ...settingsHandlers,
    ...conversationHandlers,
    ...platformHandlers,
  };
};
