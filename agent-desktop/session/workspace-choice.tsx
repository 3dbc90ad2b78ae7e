import { counted } from "../shell/plural.ts";
import { Alert, Avatar, Button, Loader, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import type { LoginData } from "../../server/contract/admin.ts";
import { initials } from "../../server/contract/text.ts";
import classes from "./gate.module.css";
import { Gate } from "./gate.tsx";
import { chooseWorkspace, signOut } from "./session-store.ts";

/** Asks whoever belongs to several workspaces which one to work in. */
export const WorkspaceChoice = ({ login }: { login: LoginData }) => {
  const first = useRef<HTMLButtonElement>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  useEffect(() => first.current?.focus(), []);

  const choose = async (slug: string) => {
    setBusy(slug);
    setProblem(null);
    try {
      await chooseWorkspace(slug);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : "That did not work. Try again.");
      setBusy(null);
    }
  };

  return (
    <Gate label="Choose a workspace">
      <Title order={1} size="h3">
        Choose a workspace
      </Title>
      <Text c="var(--ink-soft)" size="sm" mb="md">
        {login.user.email} belongs to {counted(login.tenants.length, "workspace")}.
      </Text>
      {problem && (
        <Alert mb="md" color="red" icon={<IconAlertCircle />} role="alert">
          {problem}
        </Alert>
      )}
      <Stack gap="xs">
        {login.tenants.map((tenant, index) => (
          <UnstyledButton
            key={tenant.id}
            className={classes["workspace"]}
            disabled={busy !== null}
            ref={index === 0 ? first : null}
            onClick={() => void choose(tenant.slug)}
          >
            <Avatar radius="md" color="harbor" aria-hidden>
              {initials(tenant.name)}
            </Avatar>
            <span style={{ flex: 1, fontWeight: 600 }}>{tenant.name}</span>
            {busy === tenant.slug && <Loader size="sm" />}
          </UnstyledButton>
        ))}
        <Button variant="subtle" disabled={busy !== null} onClick={() => void signOut()}>
          Sign out
        </Button>
      </Stack>
    </Gate>
  );
};
