import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useRef } from "react";

export type RowAction = {
  label: string;
  /** Why it can't be done now; null when it can. */
  obstacle: string | null;
  onClick: () => void;
  danger?: boolean;
};

/** What can be done with one row. What can't says why. */
export const RowMenu = ({ label, actions }: { label: string; actions: RowAction[] }) => {
  const button = useRef<HTMLButtonElement>(null);
  const choose = ({ obstacle, onClick }: RowAction) => {
    if (obstacle !== null) return;
    // A dialog gives the focus back to where it was when it opened: the chosen item is gone by then.
    button.current?.focus();
    onClick();
  };
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon ref={button} variant="subtle" color="gray" aria-label={`Actions for ${label}`}>
          <IconDots size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {actions.map((action) => {
          const { label: what, obstacle, danger } = action;
          return (
            <Menu.Item
              key={what}
              {...(danger && { c: "var(--danger)" })}
              aria-disabled={obstacle !== null}
              data-obstacle={obstacle ?? undefined}
              closeMenuOnClick={obstacle === null}
              onClick={() => choose(action)}
            >
              <span style={obstacle === null ? undefined : { opacity: 0.55 }}>{what}</span>
              {obstacle && <span style={{ display: "block", fontSize: 12, color: "var(--ink-soft)" }}>{obstacle}</span>}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
};
