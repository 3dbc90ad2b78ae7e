import { Badge, Select, Text } from "@mantine/core";
import { useState } from "react";
import { fullWhen } from "../../list/when.ts";
import { ask, sentenceOf } from "../../session/ask.ts";
import { tell } from "../../shell/notices.ts";
import { useRouteObstacle } from "../own.ts";
import { MoreButton } from "../parts/more-button.tsx";
import { RowMenu } from "../parts/row-menu.tsx";
import { Part } from "../parts/section.tsx";
import { Shown } from "../parts/states.tsx";
import type { RowOf } from "../parts/ask-page.ts";
import { usePages } from "../parts/use-pages.ts";
import classes from "../settings.module.css";

type Invitation = RowOf<"invitation/list">;

const statuses = {
  pending: { label: "Pending", color: "yellow" },
  accepted: { label: "Accepted", color: "green" },
  revoked: { label: "Revoked", color: "gray" },
  expired: { label: "Expired", color: "gray" },
} as const;

const whenOf = ({ status, expiresAt, acceptedAt, revokedAt }: Invitation): string => {
  if (status === "accepted" && acceptedAt) return `accepted ${fullWhen(acceptedAt)}`;
  if (status === "revoked" && revokedAt) return `revoked ${fullWhen(revokedAt)}`;
  return `${status === "expired" ? "expired" : "valid until"} ${fullWhen(expiresAt)}`;
};

/** Who was invited, and what became of it. */
export const Invitations = ({ onInvite }: { onInvite: () => void }) => {
  const [status, setStatus] = useState<Invitation["status"] | null>("pending");
  const pages = usePages("invitation/list", { query: { ...(status && { status }) } });
  const obstacle = useRouteObstacle("invitation/create");
  const act = async (work: () => Promise<unknown>, told: string) => {
    try {
      await work();
      tell("success", told);
    } catch (error) {
      tell("error", sentenceOf(error));
    }
    pages.reload();
  };

  const row = (invitation: Invitation) => {
    const { id, email, roleName, status: now, invitedBy } = invitation;
    const params = { invitationId: id };
    const open = now === "pending" || now === "expired";
    return (
      <li key={id} className={classes["row"]}>
        <div className={classes["what"]}>
          <div style={{ minWidth: 0 }}>
            <span className={classes["name"]}>{email}</span>
            <span className={classes["faint"]}>
              invited by {invitedBy.name}, {whenOf(invitation)}
            </span>
          </div>
        </div>
        <div className={classes["marks"]}>
          <Badge variant="light" color={statuses[now].color} tt="none">
            {statuses[now].label}
          </Badge>
          <Badge variant="default" tt="none">
            {roleName}
          </Badge>
        </div>
        {open ? (
          <RowMenu
            label={email}
            actions={[
              {
                label: "Send again",
                obstacle,
                onClick: () => void act(() => ask("invitation/resend", { params }), `Sent again to ${email}`),
              },
              {
                label: "Revoke",
                obstacle: now === "expired" ? "It has already expired" : obstacle,
                danger: true,
                onClick: () => void act(() => ask("invitation/revoke", { params }), `${email} is no longer invited`),
              },
            ]}
          />
        ) : (
          <span />
        )}
      </li>
    );
  };

  return (
    <div style={{ marginTop: 24 }}>
      <Part
        title="Invitations"
        actions={
          <Select
            aria-label="Status of invitations"
            size="xs"
            w={195}
            clearable
            placeholder="All"
            data={Object.entries(statuses).map(([value, { label }]) => ({
              value: value as Invitation["status"],
              label,
            }))}
            value={status}
            onChange={setStatus}
          />
        }
      >
        <Shown of={pages} data={pages.rows} rows={2}>
          {(rows) =>
            rows.length === 0 ? (
              <Text size="sm" c="var(--ink-soft)">
                None.{" "}
                {obstacle === null && (
                  <button type="button" className={classes["inline"]} onClick={onInvite}>
                    Invite somebody
                  </button>
                )}
              </Text>
            ) : (
              <ul className={classes["rows"]} aria-label="Invitations">
                {rows.map(row)}
              </ul>
            )
          }
        </Shown>
        <MoreButton pages={pages} />
      </Part>
    </div>
  );
};
