import { Select, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { ask } from "../../session/ask.ts";
import type { Answer } from "../../session/rest.ts";
import { useLoaded } from "../../session/use-loaded.ts";
import { tell } from "../../shell/notices.ts";
import { useRouteObstacle } from "../own.ts";
import { lines, timeZones } from "../parts/fields.ts";
import { NameField } from "../parts/name-field.tsx";
import { SaveForm } from "../parts/save-form.tsx";
import { Section } from "../parts/section.tsx";
import { Shown } from "../parts/states.tsx";
import { Domains } from "./domains.tsx";

type Tenant = Answer<"tenant/get">["tenant"];

const WorkspaceForm = ({ tenant, onSaved }: { tenant: Tenant; onSaved: (tenant: Tenant) => void }) => {
  const obstacle = useRouteObstacle("tenant/update");
  const [name, setName] = useState(tenant.name);
  const [slug, setSlug] = useState(tenant.slug);
  const [timeZone, setTimeZone] = useState(tenant.timeZone);
  const [origins, setOrigins] = useState(tenant.allowedOrigins.join("\n"));
  const save = async () => {
    const body = {
      ...(name !== tenant.name && { name }),
      ...(slug !== tenant.slug && { slug }),
      ...(timeZone !== tenant.timeZone && { timeZone }),
      ...(lines(origins).join("\n") !== tenant.allowedOrigins.join("\n") && { allowedOrigins: lines(origins) }),
    };
    onSaved((await ask("tenant/update", { body })).tenant);
    tell("success", "Saved");
  };
  return (
    <SaveForm obstacle={obstacle} onSave={save}>
      <NameField description="Contacts see it in the widget." value={name} onChange={setName} />
      <TextInput
        label="Short name"
        description="Part of the workspace's address: small letters, digits and hyphens."
        required
        withAsterisk={false}
        minLength={3}
        maxLength={63}
        value={slug}
        onChange={(event) => setSlug(event.currentTarget.value)}
      />
      <Select
        label="Time zone"
        data={timeZones(timeZone)}
        searchable
        allowDeselect={false}
        value={timeZone}
        onChange={(value) => setTimeZone(value ?? timeZone)}
      />
      <Textarea
        label="Origins that may use the API from a browser"
        description="One per line, such as https://admin.example. Inboxes have lists of their own."
        autosize
        minRows={2}
        maxRows={10}
        value={origins}
        onChange={(event) => setOrigins(event.currentTarget.value)}
      />
    </SaveForm>
  );
};

/** The workspace itself. */
export const Workspace = () => {
  const loaded = useLoaded((signal) => ask("tenant/get", {}, signal));
  return (
    <Section title="Workspace" about="The name and time zone of this workspace.">
      <Shown of={loaded} data={loaded.data?.tenant}>
        {(tenant) => (
          <>
            <WorkspaceForm
              key={JSON.stringify(tenant)}
              tenant={tenant}
              onSaved={(changed) => loaded.put(() => ({ tenant: changed }))}
            />
            <div style={{ height: 24 }} />
            <Domains />
            <Text size="xs" c="var(--ink-soft)" mt="md">
              Workspace {tenant.id}
            </Text>
          </>
        )}
      </Shown>
    </Section>
  );
};
