import { Badge, Code, Text, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { ask, sentenceOf } from "../../session/ask.ts";
import { GuardedButton } from "../../shell/guarded-button.tsx";
import { tell } from "../../shell/notices.ts";
import { useRouteObstacle } from "../own.ts";
import type { RowOf } from "../parts/ask-page.ts";
import { FormDialog } from "../parts/form-dialog.tsx";
import { MoreButton } from "../parts/more-button.tsx";
import { RowMenu } from "../parts/row-menu.tsx";
import { Part } from "../parts/section.tsx";
import { Shown } from "../parts/states.tsx";
import { usePages } from "../parts/use-pages.ts";
import classes from "../settings.module.css";

type Domain = RowOf<"domain/list">;

/** Host names of the workspace's own. Each counts once its owner has shown that it is theirs. */
export const Domains = () => {
  const pages = usePages("domain/list", {});
  const [claiming, setClaiming] = useState(false);
  const [host, setHost] = useState("");
  const [deleting, setDeleting] = useState<Domain | null>(null);
  const cannotCreate = useRouteObstacle("domain/create");
  const cannotVerify = useRouteObstacle("domain/verify");
  const cannotDelete = useRouteObstacle("domain/delete");

  const verify = async ({ id, host: name }: Domain) => {
    try {
      const { domain } = await ask("domain/verify", { params: { domainId: id } });
      pages.put((rows) => rows.map((row) => (row.id === id ? domain : row)));
      tell("success", `${name} is verified`);
    } catch (error) {
      tell("error", sentenceOf(error));
    }
  };
  const row = (domain: Domain) => (
    <li key={domain.id} className={classes["row"]}>
      <div style={{ minWidth: 0 }}>
        <span className={classes["name"]}>{domain.host}</span>
        {!domain.verifiedAt && (
          <span className={classes["faint"]}>
            Set the TXT record <Code>{domain.record.name}</Code> to <Code>{domain.record.value}</Code>, then verify it.
          </span>
        )}
      </div>
      <Badge variant="light" color={domain.verifiedAt ? "green" : "yellow"} tt="none">
        {domain.verifiedAt ? "Verified" : "Not verified yet"}
      </Badge>
      <RowMenu
        label={domain.host}
        actions={[
          {
            label: "Verify now",
            obstacle: domain.verifiedAt ? "It is already verified" : cannotVerify,
            onClick: () => void verify(domain),
          },
          { label: "Remove…", danger: true, obstacle: cannotDelete, onClick: () => setDeleting(domain) },
        ]}
      />
    </li>
  );

  return (
    <Part
      title="Custom domains"
      about="Host names under which your workspace is reached."
      actions={
        <GuardedButton
          size="xs"
          variant="light"
          obstacle={cannotCreate}
          leftSection={<IconPlus size={15} />}
          onClick={() => setClaiming(true)}
        >
          Add a domain
        </GuardedButton>
      }
    >
      <Shown of={pages} data={pages.rows} rows={1}>
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm" c="var(--ink-soft)">
              None yet.
            </Text>
          ) : (
            <ul className={classes["rows"]} aria-label="Domains">
              {rows.map(row)}
            </ul>
          )
        }
      </Shown>
      <MoreButton pages={pages} />
      <FormDialog
        opened={claiming}
        onClose={() => setClaiming(false)}
        title="Add a domain"
        submit="Add"
        obstacle={cannotCreate}
        onSubmit={async () => {
          await ask("domain/create", { body: { host: host.trim() } });
          setHost("");
          pages.reload();
        }}
      >
        <TextInput
          label="Host name"
          placeholder="chat.example.com"
          required
          withAsterisk={false}
          maxLength={253}
          data-autofocus
          value={host}
          onChange={(event) => setHost(event.currentTarget.value)}
        />
      </FormDialog>
      <FormDialog
        opened={deleting !== null}
        onClose={() => setDeleting(null)}
        title={`Remove ${deleting?.host}?`}
        submit="Remove"
        danger
        obstacle={cannotDelete}
        onRefused={pages.reload}
        onSubmit={async () => {
          if (deleting) await ask("domain/delete", { params: { domainId: deleting.id } });
          pages.reload();
        }}
      >
        <Text size="sm">The workspace is no longer reached under it.</Text>
      </FormDialog>
    </Part>
  );
};
