import type { Ctx, Node } from "../../context.ts";
import { lapseOffer } from "./lapse.ts";

// What the database's clock calls over must be over by ours, which fires; a little late costs less than asking twice.
const marginMs = 25;
const lockedAgainMs = 500;

/**
 * Has this node look at an offer when its time is over. Only an alarm: the row says what is due, and whatever this node does
 * not live to see is found by the others.
 */
export const lapseAfter = (node: Node, tenant: Ctx["tenant"], conversationId: string, ms: number): void => {
  setTimeout(() => {
    lapseOffer(node, tenant, conversationId).then(
      (looked) => {
        if (!looked) lapseAfter(node, tenant, conversationId, lockedAgainMs);
      },
      (error: unknown) => node.log.debug({ err: error }, "an offer that may have lapsed is left to the next look"),
    );
  }, ms + marginMs).unref();
};
