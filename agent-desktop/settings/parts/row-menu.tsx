import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";

export type RowAction = {
  label: string;
  /** Why it can't be done now; null when it can. */
  obstacle: string | null;
  onClick: () => void;
  danger?: boolean;
};

/** What can be done with one row. What can't says why. */
export const RowMenu = ({ label, actions }: { label: string; actions: RowAction[] }) => (
  <Menu position="bottom-end" width={240}>
    <Menu.Target>
      <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${label}`}>
        <IconDots size={17} />
      </ActionIcon>
    </Menu.Target>
    <Menu.Dropdown>
      {actions.map(({ label: what, obstacle, onClick, danger }) => (
        <Menu.Item
          key={what}
          {...(danger && { c: "var(--danger)" })}
          aria-disabled={obstacle !== null}
          data-obstacle={obstacle ?? undefined}
          closeMenuOnClick={obstacle === null}
          onClick={() => obstacle === null && onClick()}
        >
          <span style={obstacle === null ? undefined : { opacity: 0.55 }}>{what}</span>
          {obstacle && <span style={{ display: "block", fontSize: 12, color: "var(--ink-soft)" }}>{obstacle}</span>}
        </Menu.Item>
      ))}
    </Menu.Dropdown>
  </Menu>
);
