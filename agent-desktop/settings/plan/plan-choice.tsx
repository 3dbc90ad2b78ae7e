import { Badge, Table, Text } from "@mantine/core";
import { useState } from "react";
import { offeredFeatures, offeredLimits, planOf } from "../../../server/contract/plans.ts";
import { ask } from "../../session/ask.ts";
import type { Answer } from "../../session/rest.ts";
import { useLoaded } from "../../session/use-loaded.ts";
import { GuardedButton } from "../../shell/guarded-button.tsx";
import { tell } from "../../shell/notices.ts";
import { featureName, loadOwn } from "../own.ts";
import type { RowOf } from "../parts/ask-page.ts";
import { FormDialog } from "../parts/form-dialog.tsx";
import { Part } from "../parts/section.tsx";
import { Shown } from "../parts/states.tsx";
import { limitNames, mostText, priceText } from "./words.ts";

type Offer = RowOf<"plan/list">;
type Subscription = Answer<"plan/update">["subscription"];
type Props = {
  current: string;
  /** The current plan is only tried so far: choosing it keeps it. */
  trying: boolean;
  obstacle: string | null;
  onChanged: (subscription: Subscription) => void;
};

const capital = (text: string) => text.slice(0, 1).toLocaleUpperCase() + text.slice(1);

/** What is sold, side by side, and the way from one to another. */
export const PlanChoice = ({ current, trying, obstacle, onChanged }: Props) => {
  const plans = useLoaded((signal) => ask("plan/list", {}, signal));
  const [chosen, setChosen] = useState<Offer | null>(null);
  const choose = async () => {
    if (!chosen) return;
    const { subscription } = await ask("plan/update", { body: { plan: chosen.name } });
    tell("success", `You are on ${chosen.title} now`);
    onChanged(subscription);
    // What is greyed out hangs on the plan. A failure shows at the next look.
    await loadOwn().catch(() => {});
  };
  const table = (offers: Offer[]) => (
    <Table.ScrollContainer minWidth={560}>
      <Table verticalSpacing={6} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Td />
            {offers.map((offer) => (
              <Table.Th key={offer.name} scope="col">
                {offer.title}
                {offer.name === current && (
                  <Badge ml={8} size="sm" variant="light" tt="none">
                    {trying ? "On trial" : "Yours"}
                  </Badge>
                )}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <Table.Tr>
            <Table.Th scope="row" fw={400}>
              Price
            </Table.Th>
            {offers.map(({ name }) => (
              <Table.Td key={name}>{priceText(planOf(name).price)}</Table.Td>
            ))}
          </Table.Tr>
          {offeredLimits.map((limit) => (
            <Table.Tr key={limit}>
              <Table.Th scope="row" fw={400}>
                {limitNames[limit]}
              </Table.Th>
              {offers.map(({ name, limits }) => (
                <Table.Td key={name}>{mostText(limits[limit])}</Table.Td>
              ))}
            </Table.Tr>
          ))}
          {offeredFeatures.map((feature) => (
            <Table.Tr key={feature}>
              <Table.Th scope="row" fw={400}>
                {capital(featureName(feature))}
              </Table.Th>
              {offers.map((offer) => (
                <Table.Td key={offer.name}>{offer.features[feature] ? "yes" : "–"}</Table.Td>
              ))}
            </Table.Tr>
          ))}
          <Table.Tr>
            <Table.Td />
            {offers.map((offer) => (
              <Table.Td key={offer.name}>
                {(offer.name !== current || trying) && (
                  <GuardedButton size="xs" variant="light" obstacle={obstacle} onClick={() => setChosen(offer)}>
                    {offer.name === current ? "Keep" : "Choose"} {offer.title}
                  </GuardedButton>
                )}
              </Table.Td>
            ))}
          </Table.Tr>
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
  return (
    <Part title="Plans">
      <Shown of={plans} data={plans.data?.data}>
        {table}
      </Shown>
      <FormDialog
        opened={chosen !== null}
        onClose={() => setChosen(null)}
        title={chosen?.name === current ? `Keep ${chosen.title}?` : `Change to ${chosen?.title}?`}
        submit={chosen?.name === current ? "Keep the plan" : "Change the plan"}
        obstacle={obstacle}
        onSubmit={choose}
      >
        <Text size="sm">
          {chosen?.name === current
            ? "Your trial ends, and the workspace stays on this plan."
            : "It takes effect at once. A smaller plan removes nothing, but nothing can be added beyond its limits."}
        </Text>
      </FormDialog>
    </Part>
  );
};
