import { ActionIcon, Popover, Text, Tooltip } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useState } from "react";
import { PresenceDot, presenceLooks } from "../details/presence-dot.tsx";
import { useColleagues, useMe } from "../session/viewer.ts";

/** Who of the colleagues is there. */
export const ColleaguesMenu = () => {
  const me = useMe();
  const [open, setOpen] = useState(false);
  const colleagues = useColleagues().filter(({ id }) => id !== me);
  const there = colleagues.filter(({ presence }) => presence !== "offline").length;
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <Tooltip label={`Colleagues: ${there} of ${colleagues.length} here`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={`Colleagues, ${there} of ${colleagues.length} here`}
            onClick={() => setOpen(!open)}
          >
            <IconUsers size={19} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown miw={220} mah={360} style={{ overflowY: "auto" }} aria-label="Colleagues" tabIndex={-1}>
        {colleagues.length === 0 && <Text size="sm">You are alone in this workspace.</Text>}
        {colleagues.map((colleague) => (
          <div key={colleague.id} style={{ display: "flex", alignItems: "center", gap: 10, padding: "4px 0" }}>
            <PresenceDot of={colleague} />
            <Text size="sm" flex={1}>
              {colleague.name}
            </Text>
            <Text size="xs" c="var(--ink-soft)">
              {presenceLooks(colleague).word}
            </Text>
          </div>
        ))}
      </Popover.Dropdown>
    </Popover>
  );
};
