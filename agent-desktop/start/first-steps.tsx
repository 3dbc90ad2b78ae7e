import { Anchor, Button, CloseButton, Group, Stack, Text, Title } from "@mantine/core";
import { IconCircle, IconCircleCheckFilled } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { goTo } from "../session/page.ts";
import { CopyField } from "../settings/parts/copy-field.tsx";
import { embedLine } from "../settings/inboxes/embed-line.ts";
import classes from "./start.module.css";
import type { FirstSteps as Steps, Step } from "./steps.ts";

type ItemProps = { step: Step; title: string; children: ReactNode };

const Item = ({ step, title, children }: ItemProps) => (
  <li className={classes["step"]} data-done={step.done || undefined}>
    {step.done ? (
      <IconCircleCheckFilled size={20} aria-label="Done:" className={classes["done"]} />
    ) : (
      <IconCircle size={20} aria-label="To do:" className={classes["open"]} />
    )}
    <div>
      <Text fw={600} size="sm">
        {title}
      </Text>
      {!step.done && children}
    </div>
  </li>
);

const Turn = ({ to, children }: { to: string; children: ReactNode }) => (
  <Anchor component="button" type="button" size="sm" onClick={() => goTo(`settings/${to}`)}>
    {children}
  </Anchor>
);

/** What is left to do before visitors can be answered, for who may do it. Each step checks itself off by what there is. */
export const FirstSteps = ({ steps, onDismiss }: { steps: Steps; onDismiss: () => void }) => (
  <section className={classes["card"]} aria-label="First steps">
    <Group justify="space-between" wrap="nowrap" align="flex-start">
      <div>
        <Title order={2} size="h4">
          Get your workspace ready
        </Title>
        <Text size="sm" c="var(--ink-soft)">
          {steps.doneCount} of {steps.count} done
        </Text>
      </div>
      <CloseButton aria-label="Dismiss the first steps" onClick={onDismiss} />
    </Group>
    <ol className={classes["steps"]}>
      <Item step={steps.site} title="Put the chat on your site">
        {steps.inboxKey && <CopyField label="Line" text={embedLine(location.origin, steps.inboxKey)} />}
        <Text size="sm">
          Add this line to every page, and your site’s address to <Turn to="inboxes">the inbox’s list of sites</Turn>.
        </Text>
      </Item>
      <Item step={steps.people} title="Invite your team">
        <Text size="sm">
          Colleagues reply alongside you. <Turn to="people">Invite somebody</Turn>
        </Text>
      </Item>
      <Item step={steps.hours} title="Set your business hours">
        <Text size="sm">
          Outside these hours, contacts leave a message. <Turn to="hours">Set the hours</Turn>
        </Text>
      </Item>
      <Item step={steps.trial} title="Try it">
        <Text size="sm">Open the chat on your site and write something: it appears here, under Queue or Mine.</Text>
      </Item>
    </ol>
    <Stack align="flex-start">
      <Button size="compact-sm" variant="subtle" onClick={onDismiss}>
        I don’t need this
      </Button>
    </Stack>
  </section>
);
