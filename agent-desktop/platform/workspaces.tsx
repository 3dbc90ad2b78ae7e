import { WorkspaceList } from "./workspace-list.tsx";
import { WorkspacePage } from "./workspace-page.tsx";

/** All customers' workspaces, or the one whose id the address names. */
export const Workspaces = ({ rest }: { rest: string }) =>
  rest ? <WorkspacePage key={rest} id={rest} /> : <WorkspaceList />;
