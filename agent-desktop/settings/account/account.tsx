import { useState } from "react";
import { ask } from "../../session/ask.ts";
import { tell } from "../../shell/notices.ts";
import { loadOwn, putOwn, useOwn, useRouteObstacle, type Me } from "../own.ts";
import { useLoaded } from "../../session/use-loaded.ts";
import { NameField } from "../parts/name-field.tsx";
import { SaveForm } from "../parts/save-form.tsx";
import { Part, Section } from "../parts/section.tsx";
import { Shown } from "../parts/states.tsx";
import { EmailAddress } from "./email-address.tsx";
import { PasswordForm } from "./password-form.tsx";
import { SecondFactor } from "./second-factor.tsx";
import { Sessions } from "./sessions.tsx";

const NameForm = ({ me }: { me: Me }) => {
  const obstacle = useRouteObstacle("me/update");
  const [name, setName] = useState(me.user.name);
  return (
    <SaveForm
      obstacle={obstacle}
      onSave={async () => {
        putOwn(await ask("me/update", { body: { name } }));
        tell("success", "Saved. Colleagues and contacts see it from now on");
      }}
    >
      <NameField
        label="Your name"
        description={`Colleagues and contacts see it. You are ${me.roleName} in ${me.tenant.name}.`}
        autoComplete="name"
        value={name}
        onChange={setName}
      />
    </SaveForm>
  );
};

/** One's own login: name, password, second factor, and where one is signed in. */
export const Account = () => {
  const loaded = useLoaded((signal) => loadOwn(signal));
  const me = useOwn((own) => own.me);
  return (
    <Section title="Your account" about="It is the same in every workspace you belong to.">
      <Shown of={loaded} data={me ?? undefined}>
        {(known) => (
          <>
            <Part title="Profile">
              <NameForm key={known.user.name} me={known} />
            </Part>
            <EmailAddress me={known} onChange={loaded.reload} />
            <Part title="Password" about="Changing it signs you out everywhere else.">
              <PasswordForm asksCode={known.user.secondFactor} />
            </Part>
            <SecondFactor me={known} onChange={loaded.reload} />
            <Sessions />
          </>
        )}
      </Shown>
    </Section>
  );
};
