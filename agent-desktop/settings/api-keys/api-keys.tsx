import { counted } from "../../shell/plural.ts";
import { Badge, Code } from "@mantine/core";
import { useState } from "react";
import { fullWhen } from "../../list/when.ts";
import { ask } from "../../session/ask.ts";
import { SecretShown } from "../inboxes/secret-shown.tsx";
import { useRouteObstacle } from "../own.ts";
import type { RowOf } from "../parts/ask-page.ts";
import { ListPage } from "../parts/list-page.tsx";
import { usePages } from "../parts/use-pages.ts";
import { CreateKey } from "./create-key.tsx";

type ApiKey = RowOf<"api-key/list">;

const stateOf = ({ revokedAt, expiresAt }: ApiKey, now: number): { label: string; color: string } => {
  if (revokedAt) return { label: "Revoked", color: "gray" };
  if (expiresAt && Date.parse(expiresAt) <= now) return { label: "Expired", color: "gray" };
  return { label: "Active", color: "green" };
};

const usesOf = ({ lastUsedAt, expiresAt }: ApiKey): string =>
  (lastUsedAt ? `last used ${fullWhen(lastUsedAt)}` : "never used") +
  (expiresAt ? `, expires ${fullWhen(expiresAt)}` : "");

const Marks = ({ apiKey, now }: { apiKey: ApiKey; now: number }) => {
  const { label, color } = stateOf(apiKey, now);
  const { permissions } = apiKey;
  return (
    <>
      <Badge variant="light" color={color} tt="none">
        {label}
      </Badge>
      <Badge variant="default" tt="none" title={permissions.join(", ")}>
        {counted(permissions.length, "permission")}
      </Badge>
    </>
  );
};

/** Credentials for the customer's own servers. */
export const ApiKeys = () => {
  const pages = usePages("api-key/list", {});
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [openedAt] = useState(Date.now);
  const cannotCreate = useRouteObstacle("api-key/create");
  const cannotRevoke = useRouteObstacle("api-key/revoke");
  return (
    <ListPage
      title="API keys"
      about={
        <>
          For your own servers: what they may do, and until when. The <a href="/api/docs">documentation</a> says how.
        </>
      }
      empty="No keys yet."
      pages={pages}
      add={{ label: "New key", obstacle: cannotCreate, onClick: () => setCreating(true) }}
      removal={{
        verb: "Revoke",
        obstacle: cannotRevoke,
        about: "Everything that uses it stops working at once. This can't be undone.",
        carryOut: ({ id }) => ask("api-key/revoke", { params: { apiKeyId: id } }),
      }}
      rowOf={(key) => ({
        key: key.id,
        title: (
          <>
            {key.name} <Code>{key.prefix}…</Code>
          </>
        ),
        about: `by ${key.createdBy.name}, ${usesOf(key)}`,
        marks: <Marks apiKey={key} now={openedAt} />,
        actions: [],
        stays: key.revokedAt && "It is already revoked",
        faint: key.revokedAt !== null,
      })}
    >
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
        about="Keep it on your server: whoever has it can do what it may do."
        onClose={() => setSecret(null)}
      />
    </ListPage>
  );
};
