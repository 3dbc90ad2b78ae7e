import { Button, Loader } from "@mantine/core";
import { useNetwork } from "@mantine/hooks";
import { IconPlugConnectedX, IconWifiOff } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useClient, useClientState } from "../session/client-context.tsx";
import { resumeSession } from "../session/session-store.ts";
import { endedText } from "./ended-text.ts";
import classes from "./shell.module.css";

const patienceMs = 1200;
/** Whoever was asked to come back, with other rights or to another node, is expected back without a word. */
const expectedMs = 8000;

/** True once `wanted` has held for a while: a blink of the connection is not worth a banner. */
const useLasting = (wanted: boolean, patience: number): boolean => {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!wanted) return;
    const timer = setTimeout(() => setLasting(true), patience);
    return () => {
      clearTimeout(timer);
      setLasting(false);
    };
  }, [wanted, patience]);
  return wanted && lasting;
};

/** Says when the desktop is not live, and what one can do about it. */
export const ConnectionBanner = () => {
  const client = useClient();
  const { status, error, endedReason } = useClientState((state) => state.session);
  const { online } = useNetwork();
  const [expected, setExpected] = useState(false);
  useEffect(() => {
    const offs = [
      client.on("session:ended", ({ reconnect }) => setExpected(reconnect)),
      client.on("session:ready", () => setExpected(false)),
    ];
    return () => offs.forEach((off) => off());
  }, [client]);
  const away = useLasting(status === "connecting" || status === "offline", expected ? expectedMs : patienceMs);

  if (status === "ended" && endedReason !== "closed")
    return (
      <div className={classes["banner"]} data-ended role="alert">
        <IconPlugConnectedX size={17} aria-hidden />
        {endedText(endedReason, error)}
        <Button size="compact-xs" variant="default" onClick={() => void resumeSession()}>
          Sign in again
        </Button>
      </div>
    );
  if (!away) return null;
  return (
    <output className={classes["banner"]}>
      {online ? <Loader size={15} color="currentColor" /> : <IconWifiOff size={17} aria-hidden />}
      {online
        ? status === "connecting"
          ? "Connecting…"
          : "Connection lost. Reconnecting… What you send meanwhile goes out when it is back."
        : "You are offline. What you send goes out when the network is back."}
      {online && (
        <Button size="compact-xs" variant="default" onClick={() => client.wake()}>
          Now
        </Button>
      )}
    </output>
  );
};
