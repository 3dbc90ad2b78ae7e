import { Button, Code, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { ask, sentenceOf } from "../../session/ask.ts";
import { GuardedButton } from "../../shell/guarded-button.tsx";
import { useRouteObstacle } from "../own.ts";
import type { RowOf } from "../parts/ask-page.ts";

type Props = {
  inbox: RowOf<"inbox/list">;
  onClose: () => void;
  onMade: (secret: string) => void;
  onChange: () => void;
};

/** Two may count at a time, so that one can be exchanged for another without a gap. */
export const SecretsDialog = ({ inbox, onClose, onMade, onChange }: Props) => {
  const cannotAdd = useRouteObstacle("inbox/add-identity-secret");
  const cannotRemove = useRouteObstacle("inbox/remove-identity-secret");
  const [problem, setProblem] = useState<string | null>(null);
  const [removing, setRemoving] = useState<string | null>(null);
  const params = { inboxId: inbox.id };
  const act = async (work: () => Promise<void>) => {
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(sentenceOf(error));
    }
    setRemoving(null);
    onChange();
  };
  const add = () =>
    act(async () => onMade((await ask("inbox/add-identity-secret", { params, body: {} })).identitySecret.secret));
  const remove = (secretId: string) =>
    act(() => ask("inbox/remove-identity-secret", { params: { ...params, secretId } }));

  return (
    <Modal opened onClose={onClose} title={`Identity secrets of ${inbox.name}`} size="md">
      <Stack gap="sm">
        <Text size="sm">
          To exchange one, create a second, have your server sign with it, then remove the first. Tokens signed with a
          removed secret stop working.
        </Text>
        {problem && (
          <Text size="sm" c="var(--danger)" role="alert">
            {problem}
          </Text>
        )}
        {inbox.identitySecrets.length === 0 && <Text size="sm">There is none, so nobody can be identified.</Text>}
        {inbox.identitySecrets.map(({ id }) => (
          <Group key={id} justify="space-between">
            <Code>{id}</Code>
            {removing === id ? (
              <Group gap={6}>
                <Button size="compact-xs" variant="default" onClick={() => setRemoving(null)}>
                  Keep
                </Button>
                <Button size="compact-xs" color="red" onClick={() => void remove(id)}>
                  Remove for good
                </Button>
              </Group>
            ) : (
              <GuardedButton
                size="compact-xs"
                variant="light"
                color="red"
                obstacle={cannotRemove}
                onClick={() => setRemoving(id)}
              >
                Remove
              </GuardedButton>
            )}
          </Group>
        ))}
        <GuardedButton
          size="xs"
          variant="light"
          obstacle={cannotAdd ?? (inbox.identitySecrets.length >= 2 ? "Two is the most: remove one first" : null)}
          onClick={() => void add()}
        >
          Create another
        </GuardedButton>
      </Stack>
    </Modal>
  );
};
