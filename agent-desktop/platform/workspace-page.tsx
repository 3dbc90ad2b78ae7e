import { Alert, Text } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useState } from "react";
import { planOf } from "../../server/contract/plans.ts";
import type { PlatformTenant } from "../../server/contract/platform-routes.ts";
import { Face } from "../list/face.tsx";
import { fullWhen } from "../list/when.ts";
import { ask } from "../session/ask.ts";
import { PageLink } from "../session/page-link.tsx";
import type { Answer } from "../session/rest.ts";
import { useLoaded } from "../session/use-loaded.ts";
import { useRouteObstacle } from "../settings/own.ts";
import { Part, Section } from "../settings/parts/section.tsx";
import { Shown } from "../settings/parts/states.tsx";
import { LimitUse } from "../settings/plan/limit-use.tsx";
import { statusNames } from "../settings/plan/words.ts";
import classes from "../settings/settings.module.css";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { ActDialog } from "./act-dialog.tsx";
import { ImpersonationList } from "./impersonation-list.tsx";
import type { Person } from "./member-field.tsx";
import { workspacesPath } from "./paths.ts";
import { PlanDialog } from "./plan-dialog.tsx";
import { ResumeDialog, SuspendDialog } from "./turn-dialog.tsx";
import { membersText } from "./words.ts";

type Seen = Answer<"platform-tenant/get">;
type Asking = { to: "plan" | "suspend" | "resume" } | { to: "act"; member?: Person };

const subscriptionText = ({ plan, subscriptionStatus, trialEndsAt }: PlatformTenant): string => {
  const until = subscriptionStatus === "trialing" && trialEndsAt ? ` until ${fullWhen(trialEndsAt)}` : "";
  return `${planOf(plan).name}: ${statusNames[subscriptionStatus].toLowerCase()}${until}`;
};

/** Why nobody can act as a member now; null where the role and the workspace allow it. */
const useActObstacle = (workspace: PlatformTenant | undefined): string | null => {
  const obstacle = useRouteObstacle("impersonation/create");
  return obstacle ?? (workspace?.status === "suspended" ? "It is suspended: resume it first" : null);
};

const Admins = ({ seen, onAct }: { seen: Seen; onAct: (member: Person) => void }) => {
  const cannotAct = useActObstacle(seen.tenant);
  if (seen.admins.length === 0) return <Text size="sm">It has no admin.</Text>;
  return (
    <ul className={classes["rows"]} aria-label="Admins">
      {seen.admins.map((admin) => (
        <li key={admin.id} className={classes["row"]}>
          <div className={classes["what"]}>
            <Face name={admin.name} size={34} />
            <div style={{ minWidth: 0 }}>
              <span className={classes["name"]}>{admin.name}</span>
              <span className={classes["faint"]}>{admin.email}</span>
            </div>
          </div>
          <span />
          <GuardedButton
            size="compact-sm"
            variant="default"
            aria-label={`Act as ${admin.name}`}
            obstacle={cannotAct}
            onClick={() => onAct(admin)}
          >
            Act as…
          </GuardedButton>
        </li>
      ))}
    </ul>
  );
};

type DeedsProps = { workspace: PlatformTenant; onAsk: (asking: Asking) => void };

const Deeds = ({ workspace, onAsk }: DeedsProps) => {
  const cannotAct = useActObstacle(workspace);
  const cannotSuspend = useRouteObstacle("platform-tenant/suspend");
  const cannotResume = useRouteObstacle("platform-tenant/resume");
  return (
    <>
      <GuardedButton size="sm" variant="default" obstacle={cannotAct} onClick={() => onAsk({ to: "act" })}>
        Act as a member…
      </GuardedButton>
      {workspace.status === "suspended" ? (
        <GuardedButton size="sm" obstacle={cannotResume} onClick={() => onAsk({ to: "resume" })}>
          Resume…
        </GuardedButton>
      ) : (
        <GuardedButton
          size="sm"
          variant="light"
          color="red"
          obstacle={cannotSuspend}
          onClick={() => onAsk({ to: "suspend" })}
        >
          Suspend…
        </GuardedButton>
      )}
    </>
  );
};

const Suspended = ({ workspace: { suspendedAt, suspendReason } }: { workspace: PlatformTenant }) => (
  <Alert color="red" mb="md" icon={<IconLock />} title={`Suspended ${suspendedAt ? fullWhen(suspendedAt) : ""}`}>
    {suspendReason}
  </Alert>
);

const Facts = ({ seen, onAsk }: { seen: Seen; onAsk: (asking: Asking) => void }) => {
  const cannotSetPlan = useRouteObstacle("platform-tenant/set-plan");
  return (
    <>
      {seen.tenant.status === "suspended" && <Suspended workspace={seen.tenant} />}
      <Part
        title="Plan and usage"
        about={subscriptionText(seen.tenant)}
        actions={
          <GuardedButton size="xs" variant="default" obstacle={cannotSetPlan} onClick={() => onAsk({ to: "plan" })}>
            Change the plan…
          </GuardedButton>
        }
      >
        <div className={classes["grid"]}>
          {seen.limits.map((one) => (
            <LimitUse key={one.limit} {...one} />
          ))}
        </div>
      </Part>
      <Part title="Admins">
        <Admins seen={seen} onAct={(member) => onAsk({ to: "act", member })} />
      </Part>
      <Part title="Impersonations" about="Which of Parley's staff have been in here, as whom and why.">
        <ImpersonationList tenantId={seen.tenant.id} />
      </Part>
    </>
  );
};

/** One workspace: its plan, what it uses, who looks after it, and what staff can do about it. */
export const WorkspacePage = ({ id }: { id: string }) => {
  const loaded = useLoaded((signal) => ask("platform-tenant/get", { params: { tenantId: id } }, signal));
  const [asking, setAsking] = useState<Asking | null>(null);
  const seen = loaded.data;
  const workspace = seen?.tenant;
  const done = (tenant: PlatformTenant) => {
    loaded.put((held) => ({ ...held, tenant }));
    // Another plan has other limits.
    loaded.reload();
  };
  const about =
    workspace && `${workspace.slug} · ${membersText(workspace.agents)} · since ${fullWhen(workspace.createdAt)}`;
  const dialog = workspace && { workspace, onClose: () => setAsking(null), onDone: done, onRefused: loaded.reload };
  return (
    <>
      <PageLink to={workspacesPath}>All workspaces</PageLink>
      <Section
        title={workspace?.name ?? "Workspace"}
        about={about}
        actions={workspace && <Deeds workspace={workspace} onAsk={setAsking} />}
      >
        <Shown of={loaded} data={seen}>
          {(known) => <Facts seen={known} onAsk={setAsking} />}
        </Shown>
      </Section>
      {dialog && asking?.to === "plan" && <PlanDialog {...dialog} />}
      {dialog && asking?.to === "suspend" && <SuspendDialog {...dialog} />}
      {dialog && asking?.to === "resume" && <ResumeDialog {...dialog} />}
      {dialog && seen && asking?.to === "act" && <ActDialog {...dialog} member={asking.member ?? seen.admins[0]} />}
    </>
  );
};
