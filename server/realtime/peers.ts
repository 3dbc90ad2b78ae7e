import type { Namespace } from "socket.io";

const askEveryMs = 3_000;
const hello = "parley:hello";

/**
 * Whether there is another node to tell things to. A lone node then spends nothing on telling nobody. A node that comes
 * says so; what is missed between its coming and its word being heard is healed like anything else that is missed.
 */
export const watchPeers = (carrier: Namespace): { present: () => boolean; stop: () => void } => {
  let others = true;
  const ask = async () => {
    try {
      others = (await carrier.adapter.serverCount()) !== 1;
    } catch {
      // Not knowing, it is better to speak.
      others = true;
    }
  };
  carrier.on(hello, () => {
    others = true;
  });
  const timer = setInterval(() => void ask(), askEveryMs);
  timer.unref();
  carrier.serverSideEmit(hello);
  return { present: () => others, stop: () => clearInterval(timer) };
};
