/** What of an engine.io socket this needs; `_socket` is the TCP socket beneath `ws`, absent with long-polling. */
type RawSocket = {
  flush: () => void;
  transport?: { socket?: { _socket?: { cork: () => void; uncork: () => void } | null } };
};

let due: (() => void)[] = [];

const flushDue = () => {
  const now = due;
  due = [];
  for (const flush of now) flush();
};

/**
 * Writes once per socket and event-loop turn instead of once per packet. A committed batch hands out many acks and events
 * in one turn, and a system call for each was a quarter of what a message cost: engine.io sends the first packet at once
 * and each later one in a write of its own.
 */
export const coalesceWrites = (raw: RawSocket): void => {
  const flush = raw.flush.bind(raw);
  let scheduled = false;
  const flushCorked = () => {
    scheduled = false;
    const tcp = raw.transport?.socket?._socket;
    tcp?.cork();
    flush();
    tcp?.uncork();
  };
  raw.flush = () => {
    if (scheduled) return;
    scheduled = true;
    if (due.push(flushCorked) === 1) setImmediate(flushDue);
  };
};
