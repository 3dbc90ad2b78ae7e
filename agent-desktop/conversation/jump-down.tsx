import { Button } from "@mantine/core";
import { IconArrowDown } from "@tabler/icons-react";
import classes from "./conversation.module.css";

/** Leads back to the latest message, and says how many came meanwhile. */
export const JumpDown = ({ unseen, onJump }: { unseen: number; onJump: () => void }) => (
  <Button
    className={classes["down"]}
    size="compact-sm"
    radius="xl"
    variant={unseen > 0 ? "filled" : "default"}
    leftSection={<IconArrowDown size={15} />}
    onClick={onJump}
  >
    {unseen > 0 ? `${unseen} new` : "Latest"}
  </Button>
);
