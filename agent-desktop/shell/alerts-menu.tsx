import { ActionIcon, Popover, Stack, Switch, Text, Tooltip } from "@mantine/core";
import { IconBell, IconBellOff } from "@tabler/icons-react";
import { useState } from "react";
import { askForNotifications, canNotify, playSound } from "./alert-means.ts";
import { setPreference, usePreferences } from "./preferences.ts";

/** What a new message does besides showing up. Permission is asked for here, at a click, and nowhere else. */
export const AlertsMenu = () => {
  const { sound, notifications } = usePreferences();
  const [problem, setProblem] = useState<string | null>(null);
  const on = sound || notifications;

  const changeNotifications = async (wanted: boolean) => {
    setProblem(null);
    if (!wanted) return setPreference({ notifications: false });
    const refusal = await askForNotifications();
    setProblem(refusal);
    setPreference({ notifications: refusal === null });
  };
  const changeSound = (wanted: boolean) => {
    setPreference({ sound: wanted });
    if (wanted) playSound();
  };

  return (
    <Popover position="bottom-end" shadow="md" trapFocus width={280}>
      <Popover.Target>
        <Tooltip label="Sound and notifications">
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Sound and notifications">
            {on ? <IconBell size={19} /> : <IconBellOff size={19} />}
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label="Sound and notifications">
        <Stack gap="sm">
          <Text size="sm" fw={600}>
            When a contact writes
          </Text>
          <Switch label="Play a sound" checked={sound} onChange={(event) => changeSound(event.currentTarget.checked)} />
          <Switch
            label="Show a notification"
            description="while this window is out of sight"
            checked={notifications && canNotify()}
            onChange={(event) => void changeNotifications(event.currentTarget.checked)}
          />
          {problem && (
            <Text size="xs" c="var(--danger)" role="alert">
              {problem}
            </Text>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
};
