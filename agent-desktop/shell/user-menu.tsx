import { Menu, Modal, Button, Group, Text, UnstyledButton } from "@mantine/core";
import { IconKeyboard, IconLogout } from "@tabler/icons-react";
import { useState } from "react";
import type { LoginData } from "../../server/contract/admin.ts";
import { forgetDrafts } from "../conversation/drafts.ts";
import { Face } from "../list/face.tsx";
import type { AgentClient } from "../session/agent-client.ts";
import { useClient, useClientState } from "../session/client-context.tsx";
import { signOut } from "../session/session-store.ts";
import { useUi } from "./ui-store.ts";

/** Signs out and leaves nothing behind for whoever comes next. */
const leave = (client: AgentClient) => {
  for (const { clientId } of client.getState().outbox) client.discard(clientId);
  forgetDrafts();
  history.replaceState(null, "", location.pathname);
  useUi.setState(useUi.getInitialState(), true);
  useUi.setState({ openId: null });
  void signOut();
};

/** Who one is, and the way out. Asks first when something would be lost. */
export const UserMenu = ({ login }: { login: LoginData }) => {
  const client = useClient();
  const [asking, setAsking] = useState(false);
  const unsent = useClientState((state) => state.outbox.filter((message) => message.state !== "sent").length);
  return (
    <>
      <Menu position="bottom-end" width={230}>
        <Menu.Target>
          <UnstyledButton aria-label={`Signed in as ${login.user.name}`} style={{ borderRadius: "50%" }}>
            <Face name={login.user.name} size={34} />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            <Text size="sm" fw={600} c="var(--ink)" truncate>
              {login.user.name}
            </Text>
            <Text size="xs" truncate>
              {login.user.email}
            </Text>
            <Text size="xs" truncate>
              {login.tenant.name}
            </Text>
          </Menu.Label>
          <Menu.Divider />
          <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={() => useUi.setState({ helpShown: true })}>
            Keyboard shortcuts
          </Menu.Item>
          <Menu.Item
            leftSection={<IconLogout size={16} />}
            onClick={() => (unsent > 0 ? setAsking(true) : leave(client))}
          >
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asking} onClose={() => setAsking(false)} title="Sign out now?" size="sm">
        <Text size="sm">
          {unsent === 1 ? "One message was" : `${unsent} messages were`} not sent yet and would be lost.
        </Text>
        <Group justify="flex-end" mt="lg" gap="sm">
          <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
            Stay
          </Button>
          <Button color="red" onClick={() => leave(client)}>
            Sign out
          </Button>
        </Group>
      </Modal>
    </>
  );
};
