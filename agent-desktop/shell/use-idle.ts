import { useEffect } from "react";
import { useClient } from "../session/client-context.tsx";
import { useActing } from "../session/session-store.ts";

/** Without a touch of this device for so long its person counts as idle. */
export const idleAfterMs = 5 * 60_000;
const lookEveryMs = 15_000;
/** Touches come by the hundred; what one of them said is not said again before this. */
const pauseMs = 5000;
const touches = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"] as const;

/**
 * Tells the server when nobody has touched this device for a while, and when somebody is back: at once, and again after a
 * reconnect, which starts as `online`.
 */
export const useIdle = (): void => {
  const client = useClient();
  const acting = useActing();
  useEffect(() => {
    // In somebody's place one is present to nobody.
    if (acting) return;
    let touchedAt = Date.now();
    let told: "online" | "idle" = "online";
    let triedAt = 0;

    const say = (presence: "online" | "idle") => {
      if (presence === told || Date.now() - triedAt < pauseMs) return;
      if (client.getState().session.status !== "online") return;
      triedAt = Date.now();
      // Refused or lost, it is said again with a later look or touch.
      client.request("presence:set", { presence }).then(
        () => (told = presence),
        () => {},
      );
    };
    // A clock that jumps ahead by hours is a device that slept: nobody touched it.
    const look = () => say(Date.now() - touchedAt >= idleAfterMs ? "idle" : "online");
    const touch = () => {
      touchedAt = Date.now();
      say("online");
    };

    const timer = setInterval(look, lookEveryMs);
    const offReady = client.on("session:ready", () => {
      told = "online";
      triedAt = 0;
      look();
    });
    for (const event of touches) window.addEventListener(event, touch, { passive: true, capture: true });
    return () => {
      clearInterval(timer);
      offReady();
      for (const event of touches) window.removeEventListener(event, touch, { capture: true });
    };
  }, [client, acting]);
};
