import { Badge } from "@mantine/core";
import { planOf } from "../../server/contract/plans.ts";
import type { PlatformTenant } from "../../server/contract/platform-routes.ts";
import { statusNames } from "../settings/plan/words.ts";

/** How a workspace stands, at a glance: what is as it should be is not said. */
export const WorkspaceMarks = ({ workspace }: { workspace: PlatformTenant }) => (
  <>
    {workspace.status === "suspended" && (
      <Badge c="var(--danger)" bg="var(--danger-surface)" tt="none">
        Suspended
      </Badge>
    )}
    {workspace.subscriptionStatus !== "active" && (
      <Badge c="var(--warn)" bg="var(--warn-surface)" tt="none">
        {statusNames[workspace.subscriptionStatus]}
      </Badge>
    )}
    <Badge variant="default" tt="none">
      {planOf(workspace.plan).name}
    </Badge>
  </>
);
