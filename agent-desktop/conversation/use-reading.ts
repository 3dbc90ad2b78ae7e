import { useEffect, useState } from "react";
import { useClient, useClientState } from "../session/client-context.tsx";
import { useActing } from "../session/session-store.ts";
import type { HeldTimelines } from "./merge-timelines.ts";
import { noteInView } from "./seen.ts";

const isLooking = () => document.visibilityState === "visible" && document.hasFocus();

/** Whether the person has this page in front of them. */
const useLooking = (): boolean => {
  const [looking, setLooking] = useState(isLooking);
  useEffect(() => {
    const update = () => setLooking(isLooking());
    document.addEventListener("visibilitychange", update);
    window.addEventListener("focus", update);
    window.addEventListener("blur", update);
    return () => {
      document.removeEventListener("visibilitychange", update);
      window.removeEventListener("focus", update);
      window.removeEventListener("blur", update);
    };
  }, []);
  return looking;
};

/** Records as read what stands in view while somebody looks: a page in the background reads nothing. */
export const useReading = (conversationId: string, atEnd: boolean, held: HeldTimelines): void => {
  const client = useClient();
  const acting = useActing();
  const looking = useLooking();
  const online = useClientState((state) => state.session.status === "online");
  const spoken = held.public.entries.at(-1)?.seq ?? 0;
  const noted = held.internal.entries.at(-1)?.seq ?? 0;
  useEffect(() => {
    if (!looking || !atEnd) return;
    noteInView(conversationId, spoken, Date.now());
    // What is seen in somebody's place is not read by them.
    if (online && !acting && spoken + noted > 0) client.read(conversationId);
  }, [client, conversationId, looking, atEnd, online, acting, spoken, noted]);
};
