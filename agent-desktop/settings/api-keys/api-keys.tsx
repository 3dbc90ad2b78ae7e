import { Badge, Code, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { fullWhen } from "../../list/when.ts";
import { ask } from "../../session/ask.ts";
import { GuardedButton } from "../../shell/guarded-button.tsx";
import { SecretShown } from "../inboxes/secret-shown.tsx";
import { useRouteObstacle } from "../own.ts";
import type { RowOf } from "../parts/ask-page.ts";
import { FormDialog } from "../parts/form-dialog.tsx";
import { MoreButton } from "../parts/more-button.tsx";
import { RowMenu } from "../parts/row-menu.tsx";
import { Section } from "../parts/section.tsx";
import { Shown } from "../parts/states.tsx";
import { usePages } from "../parts/use-pages.ts";
import classes from "../settings.module.css";
import { CreateKey } from "./create-key.tsx";

type ApiKey = RowOf<"api-key/list">;

const stateOf = ({ revokedAt, expiresAt }: ApiKey, now: number): { label: string; color: string } => {
  if (revokedAt) return { label: "Revoked", color: "gray" };
  if (expiresAt && Date.parse(expiresAt) <= now) return { label: "Ran out", color: "gray" };
  return { label: "Works", color: "green" };
};

/** Credentials for the customer's own servers. */
export const ApiKeys = () => {
  const pages = usePages("api-key/list", {});
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const [openedAt] = useState(Date.now);
  const cannotCreate = useRouteObstacle("api-key/create");
  const cannotRevoke = useRouteObstacle("api-key/revoke");

  const row = (key: ApiKey) => {
    const { label, color } = stateOf(key, openedAt);
    return (
      <li key={key.id} className={classes["row"]} data-faint={key.revokedAt ? true : undefined}>
        <div className={classes["what"]}>
          <div style={{ minWidth: 0 }}>
            <span className={classes["name"]}>
              {key.name} <Code>{key.prefix}…</Code>
            </span>
            <span className={classes["faint"]}>
              by {key.createdBy.name}, {key.lastUsedAt ? `last used ${fullWhen(key.lastUsedAt)}` : "never used"}
              {key.expiresAt && `, runs out ${fullWhen(key.expiresAt)}`}
            </span>
          </div>
        </div>
        <div className={classes["marks"]}>
          <Badge variant="light" color={color} tt="none">
            {label}
          </Badge>
          <Badge variant="default" tt="none" title={key.permissions.join(", ")}>
            {key.permissions.length === 1 ? "1 permission" : `${key.permissions.length} permissions`}
          </Badge>
        </div>
        <RowMenu
          label={key.name}
          actions={[
            {
              label: "Revoke…",
              danger: true,
              obstacle: cannotRevoke ?? (key.revokedAt ? "It is revoked already" : null),
              onClick: () => setRevoking(key),
            },
          ]}
        />
      </li>
    );
  };

  return (
    <Section
      title="API keys"
      about={
        <>
          For your own servers: what they may do, and until when. The <a href="/api/docs">documentation</a> says how.
        </>
      }
      actions={
        <GuardedButton
          size="sm"
          obstacle={cannotCreate}
          leftSection={<IconPlus size={17} />}
          onClick={() => setCreating(true)}
        >
          New key
        </GuardedButton>
      }
    >
      <Shown of={pages} data={pages.rows}>
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm">There is none yet.</Text>
          ) : (
            <ul className={classes["rows"]} aria-label="API keys">
              {rows.map(row)}
            </ul>
          )
        }
      </Shown>
      <MoreButton pages={pages} />
      {creating && (
        <CreateKey
          obstacle={cannotCreate}
          onClose={() => setCreating(false)}
          onDone={(key) => {
            setSecret(key);
            pages.reload();
          }}
        />
      )}
      <SecretShown
        secret={secret}
        what="API key"
        about="Keep it on your server: whoever has it may do what it may."
        onClose={() => setSecret(null)}
      />
      <FormDialog
        opened={revoking !== null}
        onClose={() => setRevoking(null)}
        title={`Revoke ${revoking?.name}?`}
        submit="Revoke"
        danger
        obstacle={cannotRevoke}
        onRefused={pages.reload}
        onSubmit={async () => {
          if (revoking) await ask("api-key/revoke", { params: { apiKeyId: revoking.id } });
          pages.reload();
        }}
      >
        <Text size="sm">Whatever uses it is refused from now on. It can't be brought back.</Text>
      </FormDialog>
    </Section>
  );
};
