import { useCallback, useMemo } from "react";
import type { Colleague } from "../../server/contract/agent.ts";
import type { Availability } from "../../server/contract/entities.ts";
import { permissions, type Permission } from "../../server/contract/permissions.ts";
import type { NameOf } from "../conversation/activity-text.ts";
import { useClientState } from "./client-context.tsx";
import { useActing, useSession } from "./session-store.ts";

/** The viewer's own agent id: from the login, so that it is there before the socket is. */
export const useMe = (): string =>
  useSession((session) => (session.phase === "signed_in" ? session.login.user.id : ""));

/** Everybody who can be assigned to, with their presence as last heard; the viewer first, then by name. */
export const useColleagues = (): Colleague[] => {
  const me = useMe();
  const told = useClientState((state) => state.session.colleagues);
  const presence = useClientState((state) => state.presence);
  return useMemo(
    () =>
      told
        .map((colleague) => ({ ...colleague, ...presence[`agent:${colleague.id}`] }))
        .toSorted((a, b) => Number(b.id === me) - Number(a.id === me) || a.name.localeCompare(b.name)),
    [told, presence, me],
  );
};

/** The viewer's own availability, also when another of their windows changed it; undefined before the first session. */
export const useAvailability = (): Availability | undefined => {
  const me = useMe();
  return useClientState((state) => state.presence[`agent:${me}`]?.availability ?? state.session.availability);
};

/** Looks up an agent's name by id. */
export const useNameOf = (): NameOf => {
  const told = useClientState((state) => state.session.colleagues);
  return useCallback((id: string) => told.find((colleague) => colleague.id === id)?.name, [told]);
};

/** What is the person's own, whoever may write in their place. */
const personal: readonly Permission[] = ["availability.set", "offer.answer"];

/**
 * Why the viewer can't do something right now, as a sentence for the greyed-out button; null when they can.
 */
export const useObstacle = (permission: Permission): string | null => {
  const acting = useActing();
  const status = useClientState((state) => state.session.status);
  const held = useClientState((state) => state.session.permissions);
  if (status !== "online") return "Not connected right now";
  if (acting && personal.includes(permission)) return "Only the person themselves can do this";
  if (acting?.readOnly && !permission.endsWith(".read")) return "You can only look here";
  return held.includes(permission) ? null : `Your role doesn't include: ${permissions[permission]}`;
};
