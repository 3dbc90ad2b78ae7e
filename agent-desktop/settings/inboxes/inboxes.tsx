import { Badge, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { ask } from "../../session/ask.ts";
import { GuardedButton } from "../../shell/guarded-button.tsx";
import { useRouteObstacle } from "../own.ts";
import type { RowOf } from "../parts/ask-page.ts";
import { FormDialog } from "../parts/form-dialog.tsx";
import { MoreButton } from "../parts/more-button.tsx";
import { RowMenu } from "../parts/row-menu.tsx";
import { Section } from "../parts/section.tsx";
import { Shown } from "../parts/states.tsx";
import { useAll } from "../parts/use-all.ts";
import { usePages } from "../parts/use-pages.ts";
import classes from "../settings.module.css";
import { InboxDialog } from "./inbox-dialog.tsx";
import { InstallDialog } from "./install-dialog.tsx";
import { SecretsDialog } from "./secrets-dialog.tsx";
import { SecretShown } from "./secret-shown.tsx";

type Inbox = RowOf<"inbox/list">;
type Open = { what: "change" | "install" | "secrets" | "delete"; inbox: Inbox } | { what: "create" };

/** Where contacts come in: on which sites, and to which department. */
export const Inboxes = () => {
  const pages = usePages("inbox/list", {});
  const cannotSeeDepartments = useRouteObstacle("department/list");
  const departments = useAll("department/list", {}, cannotSeeDepartments === null);
  const [open, setOpen] = useState<Open | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const cannotCreate = useRouteObstacle("inbox/create");
  const cannotUpdate = useRouteObstacle("inbox/update");
  const cannotDelete = useRouteObstacle("inbox/delete");
  const departmentName = (id: string | null) => departments.data?.find((one) => one.id === id)?.name;
  const close = () => setOpen(null);
  const inbox = open && open.what !== "create" ? open.inbox : null;
  const is = (what: Open["what"]) => open?.what === what;

  const row = (one: Inbox) => (
    <li key={one.id} className={classes["row"]}>
      <div className={classes["what"]}>
        <div style={{ minWidth: 0 }}>
          <span className={classes["name"]}>{one.name}</span>
          <span className={classes["faint"]}>
            {one.allowedOrigins.length === 0
              ? "No site may embed it yet"
              : one.allowedOrigins.slice(0, 3).join(", ") +
                (one.allowedOrigins.length > 3 ? ` and ${one.allowedOrigins.length - 3} more` : "")}
          </span>
        </div>
      </div>
      <div className={classes["marks"]}>
        <Badge variant="default" tt="none">
          {departmentName(one.departmentId) ?? (one.departmentId ? "A department" : "No department")}
        </Badge>
      </div>
      <RowMenu
        label={one.name}
        actions={[
          { label: "Put it on a site…", obstacle: null, onClick: () => setOpen({ what: "install", inbox: one }) },
          { label: "Change…", obstacle: cannotUpdate, onClick: () => setOpen({ what: "change", inbox: one }) },
          {
            label: "Identity secrets…",
            obstacle: cannotUpdate,
            onClick: () => setOpen({ what: "secrets", inbox: one }),
          },
          {
            label: "Delete…",
            obstacle: cannotDelete,
            danger: true,
            onClick: () => setOpen({ what: "delete", inbox: one }),
          },
        ]}
      />
    </li>
  );

  return (
    <Section
      title="Inboxes"
      about="Where contacts reach you. Each has its own key, the sites that may use it, and a department."
      actions={
        <GuardedButton
          size="sm"
          obstacle={cannotCreate}
          leftSection={<IconPlus size={17} />}
          onClick={() => setOpen({ what: "create" })}
        >
          New inbox
        </GuardedButton>
      }
    >
      <Shown of={pages} data={pages.rows}>
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm">No inboxes yet. Create one, then put its line on your site.</Text>
          ) : (
            <ul className={classes["rows"]} aria-label="Inboxes">
              {rows.map(row)}
            </ul>
          )
        }
      </Shown>
      <MoreButton pages={pages} />
      {(is("create") || is("change")) && (
        <InboxDialog
          inbox={inbox}
          departments={departments.data ?? []}
          obstacle={inbox ? cannotUpdate : cannotCreate}
          onClose={close}
          onDone={(made) => {
            pages.reload();
            setSecret(made);
          }}
        />
      )}
      {inbox && is("install") && <InstallDialog inbox={inbox} onClose={close} />}
      {inbox && is("secrets") && (
        <SecretsDialog
          inbox={pages.rows?.find(({ id }) => id === inbox.id) ?? inbox}
          onClose={close}
          onMade={setSecret}
          onChange={pages.reload}
        />
      )}
      <SecretShown secret={secret} onClose={() => setSecret(null)} />
      <FormDialog
        opened={is("delete")}
        onClose={close}
        title={`Delete ${inbox?.name}?`}
        submit="Delete"
        danger
        obstacle={cannotDelete}
        onRefused={pages.reload}
        onSubmit={async () => {
          if (inbox) await ask("inbox/delete", { params: { inboxId: inbox.id } });
          pages.reload();
        }}
      >
        <Text size="sm">Its key stops working on every site. Its conversations stay.</Text>
      </FormDialog>
    </Section>
  );
};
