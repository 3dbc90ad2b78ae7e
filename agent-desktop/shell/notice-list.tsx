import { Button, Notification } from "@mantine/core";
import { IconAlertCircle, IconCheck, IconInfoCircle } from "@tabler/icons-react";
import { useEffect } from "react";
import { dismissNotice, useNotices, type Notice } from "./notices.ts";
import classes from "./shell.module.css";

const looks = {
  error: { color: "red", icon: <IconAlertCircle size={18} />, stayMs: 9000 },
  info: { color: "harbor", icon: <IconInfoCircle size={18} />, stayMs: 3500 },
  success: { color: "green", icon: <IconCheck size={18} />, stayMs: 3500 },
};

/** What can be acted on stays until one has read it and got there, by keyboard too. */
const stayWithActionMs = 10_000;

const One = ({ notice }: { notice: Notice }) => {
  const { color, icon, ...look } = looks[notice.kind];
  const stayMs = notice.action ? stayWithActionMs : look.stayMs;
  useEffect(() => {
    const timer = setTimeout(() => dismissNotice(notice.id), stayMs);
    return () => clearTimeout(timer);
  }, [notice.id, stayMs]);
  return (
    <Notification
      color={color}
      icon={icon}
      withBorder
      closeButtonProps={{ "aria-label": "Dismiss" }}
      onClose={() => dismissNotice(notice.id)}
      role={notice.kind === "error" ? "alert" : "status"}
    >
      {notice.text}
      {notice.action && (
        <Button
          size="compact-sm"
          variant="light"
          mt={4}
          display="block"
          onClick={() => {
            dismissNotice(notice.id);
            notice.action?.run();
          }}
        >
          {notice.action.label}
        </Button>
      )}
    </Notification>
  );
};

/** What the person is told at the edge of the screen. */
export const Notices = () => {
  const notices = useNotices((state) => state.notices);
  return (
    <div className={classes["notices"]}>
      {notices.map((notice) => (
        <One key={notice.id} notice={notice} />
      ))}
    </div>
  );
};
