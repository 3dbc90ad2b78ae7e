import { useMediaQuery } from "@mantine/hooks";
import { lazy, Suspense, useEffect } from "react";
import type { LoginData } from "../../server/contract/admin.ts";
import { ConversationPane } from "../conversation/conversation-pane.tsx";
import { ConflictDialog } from "../details/conflict-dialog.tsx";
import { DetailsPane } from "../details/details-pane.tsx";
import { HandOverDialog } from "../details/hand-over-dialog.tsx";
import { ConversationList } from "../list/conversation-list.tsx";
import { DeclineDialog } from "../offers/decline-dialog.tsx";
import { OfferStack } from "../offers/offer-stack.tsx";
import { ActingBanner } from "../platform/acting-banner.tsx";
import { useLanding } from "../platform/use-landing.ts";
import { ConfirmEmailBanner } from "../session/confirm-email-banner.tsx";
import { ownerKey } from "../session/owner.ts";
import { isInSettings, usePage } from "../session/page.ts";
import { FirstSteps } from "../start/first-steps.tsx";
import { useFirstSteps } from "../start/use-first-steps.ts";
import { useAlerts } from "./alerts.ts";
import { Announcer } from "./announcer.tsx";
import { AwayBanner } from "./away-banner.tsx";
import { ConnectionBanner } from "./connection-banner.tsx";
import { HelpDialog } from "./help-dialog.tsx";
import { Notices } from "./notice-list.tsx";
import classes from "./shell.module.css";
import { StartBanner } from "./start-banner.tsx";
import { TopBar } from "./top-bar.tsx";
import { followAddress, useUi } from "./ui-store.ts";
import { useIdle } from "./use-idle.ts";
import { useShortcuts } from "./use-shortcuts.ts";
import { useUnreadTitle } from "./use-unread-title.ts";

// Most days nobody opens them.
const Settings = lazy(async () => ({ default: (await import("../settings/settings.tsx")).Settings }));

/** The whole screen of a signed-in agent: list, conversation, details. */
export const Desktop = ({ login }: { login: LoginData }) => {
  const page = usePage();
  const openId = useUi((ui) => ui.openId);
  const detailsShown = useUi((ui) => ui.detailsShown);
  useEffect(followAddress, []);
  useShortcuts();
  useUnreadTitle(login.tenant.name);
  useAlerts();
  useIdle();
  useLanding();
  const { steps, dismiss } = useFirstSteps(ownerKey(login), openId === null && !isInSettings(page));
  const firstSteps = steps && <FirstSteps steps={steps} onDismiss={dismiss} />;
  // Where there is room for one pane, the list is what one begins with.
  const narrow = useMediaQuery("(max-width: 760px)");
  return (
    <div className={classes["desktop"]}>
      <TopBar login={login} />
      <ActingBanner />
      <ConnectionBanner />
      <AwayBanner />
      <StartBanner owner={ownerKey(login)} />
      <ConfirmEmailBanner />
      <OfferStack />
      {isInSettings(page) ? (
        <Suspense fallback={null}>
          <Settings />
        </Suspense>
      ) : (
        <div className={classes["panes"]} data-open={openId ?? undefined} data-details={detailsShown || undefined}>
          <ConversationList firstSteps={narrow ? firstSteps : null} />
          <ConversationPane id={openId} firstSteps={narrow ? null : firstSteps} />
          {openId && <DetailsPane id={openId} />}
        </div>
      )}
      <Notices />
      <Announcer />
      <HelpDialog />
      <ConflictDialog />
      <HandOverDialog />
      <DeclineDialog />
    </div>
  );
};
