import { Progress, Text } from "@mantine/core";
import type { LimitUse as Use } from "../../../server/contract/workspace-routes.ts";
import { limitNames, shareOf, usedText } from "./words.ts";

/** How much of one limit is used. */
export const LimitUse = ({ limit, current, most }: Use) => {
  const share = shareOf(current, most);
  const color = share === null || share < 80 ? "harbor" : share < 100 ? "yellow" : "red";
  return (
    <div>
      <Text size="sm" fw={600}>
        {limitNames[limit]}
      </Text>
      <Text size="sm" c="var(--ink-soft)">
        {usedText(current, most)}
      </Text>
      {share !== null && (
        <Progress value={share} color={color} size="sm" mt={4} aria-label={`${limitNames[limit]}: ${share} percent`} />
      )}
    </div>
  );
};
