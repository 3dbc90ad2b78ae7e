import { settingsPath } from "../session/page.ts";

/** Where Parley's staff find all workspaces. */
export const workspacesPath = `${settingsPath}/workspaces`;
export const workspacePath = (id: string): string => `${workspacesPath}/${id}`;
