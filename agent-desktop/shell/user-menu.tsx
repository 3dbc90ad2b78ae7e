import { counted } from "../shell/plural.ts";
import { Menu, Modal, Button, Group, Text, UnstyledButton } from "@mantine/core";
import { IconBuildings, IconKeyboard, IconLogout, IconSettings, IconSwitchHorizontal } from "@tabler/icons-react";
import { useState } from "react";
import type { LoginData } from "../../server/contract/admin.ts";
import { forgetDrafts } from "../conversation/drafts.ts";
import { Face } from "../list/face.tsx";
import type { AgentClient } from "../session/agent-client.ts";
import { workspacesPath } from "../platform/paths.ts";
import { useSeesWorkspaces } from "../platform/use-landing.ts";
import { useClient, useClientState } from "../session/client-context.tsx";
import { sentenceOf } from "../session/ask.ts";
import { goTo, settingsPath } from "../session/page.ts";
import { ownerKey } from "../session/owner.ts";
import { chooseWorkspace, signOut, useActing, useSession } from "../session/session-store.ts";
import { tell } from "./notices.ts";
import { startOver, useUi } from "./ui-store.ts";

/** Signs out and leaves nothing behind for whoever comes next. */
const leave = (client: AgentClient) => {
  for (const { clientId } of client.getState().outbox) client.discard(clientId);
  forgetDrafts();
  // In a member's place one's own wait behind it.
  const session = useSession.getState();
  if (session.phase === "signed_in" && session.acting) forgetDrafts(ownerKey(session.acting.own));
  startOver();
  void signOut();
};

/** Goes on in another workspace. What is unsent or half written here waits for its author's return. */
const switchTo = (slug: string) => {
  startOver();
  chooseWorkspace(slug).catch((error: unknown) => tell("error", sentenceOf(error)));
};

/** Who one is, and the way out. Asks first when something would be lost. */
export const UserMenu = ({ login }: { login: LoginData }) => {
  const client = useClient();
  const [asking, setAsking] = useState(false);
  const acting = useActing();
  const staff = useSeesWorkspaces();
  const others = login.tenants.filter(({ id }) => id !== login.tenant.id);
  const unsent = useClientState((state) => state.outbox.filter((message) => message.state !== "sent").length);
  return (
    <>
      <Menu position="bottom-end" width={230}>
        <Menu.Target>
          <UnstyledButton
            aria-label={`${acting ? "Acting" : "Signed in"} as ${login.user.name}`}
            style={{ borderRadius: "50%" }}
          >
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
          {staff && (
            <Menu.Item leftSection={<IconBuildings size={16} />} onClick={() => goTo(workspacesPath)}>
              Workspaces
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconSettings size={16} />} onClick={() => goTo(`${settingsPath}/account`)}>
            Settings
          </Menu.Item>
          <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={() => useUi.setState({ helpShown: true })}>
            Keyboard shortcuts
          </Menu.Item>
          {others.length > 0 && (
            <>
              <Menu.Divider />
              <Menu.Label>Switch to</Menu.Label>
              {others.map(({ id, name, slug }) => (
                <Menu.Item key={id} leftSection={<IconSwitchHorizontal size={16} />} onClick={() => switchTo(slug)}>
                  {name}
                </Menu.Item>
              ))}
              <Menu.Divider />
            </>
          )}
          <Menu.Item
            leftSection={<IconLogout size={16} />}
            onClick={() => (unsent > 0 ? setAsking(true) : leave(client))}
          >
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asking} onClose={() => setAsking(false)} title="Sign out now?" size="sm">
        <Text size="sm">{counted(unsent, "unsent message")} would be lost.</Text>
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
