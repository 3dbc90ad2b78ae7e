import { createSocket } from "node:dgram";

/** A name server of a test's own: it knows the TXT records it is given, and refuses to answer for names it is told to. */
export type NameServer = {
  address: string;
  /** The records of a name; one record may come in several pieces. */
  records: Map<string, string[][]>;
  broken: Set<string>;
  close: () => void;
};

const txt = 16;
const noSuchName = 3;
const failure = 2;

/** The name in a question, and where the question ends. */
const readName = (query: Buffer): { name: string; end: number } => {
  const labels: string[] = [];
  let at = 12;
  while (query[at] !== 0) {
    labels.push(query.subarray(at + 1, at + 1 + query[at]!).toString("ascii"));
    at += query[at]! + 1;
  }
  return { name: labels.join("."), end: at + 5 };
};

const writeRecord = (pieces: string[]): Buffer => {
  const data = Buffer.concat(pieces.map((piece) => Buffer.concat([Buffer.from([piece.length]), Buffer.from(piece)])));
  const head = Buffer.alloc(12);
  // The name is the question's, at byte 12 of the packet.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(txt, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
};

export const startNameServer = async (): Promise<NameServer> => {
  const records: NameServer["records"] = new Map();
  const broken: NameServer["broken"] = new Set();
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    const { name, end } = readName(query);
    const known = records.get(name);
    let code = known ? 0 : noSuchName;
    if (broken.has(name)) code = failure;
    const answers = code === 0 ? known!.map(writeRecord) : [];
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(0x8180 | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(answers.length, 6);
    head.writeUInt32BE(0, 8);
    socket.send(Buffer.concat([head, query.subarray(12, end), ...answers]), from.port, from.address);
  });
  await new Promise<void>((resolve) => {
    socket.bind(0, "127.0.0.1", resolve);
  });
  return {
    address: `127.0.0.1:${socket.address().port}`,
    records,
    broken,
    close: () => socket.close(),
  };
};
