import { MantineProvider } from "@mantine/core";
import { useEffect } from "react";
import { ConfirmEmailPage } from "./session/confirm-email-page.tsx";
import { ForgotPasswordPage } from "./session/forgot-password-page.tsx";
import { InvitationPage } from "./session/invitation-page.tsx";
import { usePage } from "./session/page.ts";
import { followBrowserOwner } from "./session/owner.ts";
import { ReplacedPage } from "./session/replaced-page.tsx";
import { ResetPasswordPage } from "./session/reset-password-page.tsx";
import { heedBrowser, leaveWithBrowser, resumeSession, sessionOwner, useSession } from "./session/session-store.ts";
import { SignInPage } from "./session/sign-in-page.tsx";
import { SignUpPage } from "./session/sign-up-page.tsx";
import { StartPage } from "./session/start-page.tsx";
import { WorkspaceChoice } from "./session/workspace-choice.tsx";
import { SignedIn } from "./session/signed-in.tsx";
import { keepFocus } from "./shell/keep-focus.ts";
import { theme } from "./theme.ts";

const Session = () => {
  const session = useSession();
  switch (session.phase) {
    case "starting":
      return <StartPage />;
    case "unreachable":
      return <StartPage problem={session.message} />;
    case "signed_out":
      return <SignInPage notice={session.notice} as={session.as} />;
    case "replaced":
      return <ReplacedPage own={session.own} now={session.now} />;
    case "choosing":
      return <WorkspaceChoice login={session.login} />;
    case "signed_in": {
      // One person in one workspace, or one time in their place: everything below starts afresh for another.
      const { login, acting } = session;
      const owner = sessionOwner(session);
      return <SignedIn key={owner} owner={owner} login={login} acting={acting} />;
    }
  }
};

/** Pages that stand by themselves, whoever is signed in; everywhere else the session decides. */
const Screen = () => {
  const { path, params } = usePage();
  const token = params.get("token") ?? "";
  switch (path) {
    case "sign-up":
      return <SignUpPage />;
    case "forgot-password":
      return <ForgotPasswordPage />;
    case "reset-password":
      return <ResetPasswordPage key={token} token={token} />;
    case "confirm-email":
      return <ConfirmEmailPage key={token} token={token} />;
    case "invitation":
      return <InvitationPage key={token} token={token} />;
    default:
      return <Session />;
  }
};

/** The whole desktop: signs in by the cookie if it can, and shows the screen for where the person stands. */
export const App = () => {
  useEffect(() => {
    void resumeSession();
    return followBrowserOwner(heedBrowser, leaveWithBrowser);
  }, []);
  useEffect(keepFocus, []);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Screen />
    </MantineProvider>
  );
};
