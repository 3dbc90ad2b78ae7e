/** One event to the members of rooms; a socket in several of them gets it once. */
export type Telling = [rooms: string[], event: string, data: unknown, exceptRooms?: string[]];

/**
 * What nodes tell each other: a line with the rooms of every telling, then a line for each with its body. JSON has no raw
 * line breaks and room names neither commas nor semicolons. As bytes, which the carrier passes on as they are: a node without
 * members decodes the first line, looks the rooms up, and touches no body.
 */
export const writeTellings = (tellings: Telling[]): Buffer => {
  let rooms = "";
  let bodies = "";
  for (const [names, event, data, exceptRooms] of tellings) {
    rooms += rooms === "" ? names.join(",") : `;${names.join(",")}`;
    bodies += `\n${JSON.stringify([event, data, exceptRooms])}`;
  }
  return Buffer.from(rooms + bodies);
};

const lineBreak = 10;

/** Hands out those of `message` whose rooms have members here. */
export const readTellings = (
  message: Buffer,
  hasMembers: (room: string) => boolean,
  take: (telling: Telling) => void,
): void => {
  const end = message.indexOf(lineBreak);
  const rooms = message.toString("latin1", 0, end).split(";");
  let bodies: string[] | undefined;
  for (const [i, list] of rooms.entries()) {
    const names = list.includes(",") ? list.split(",") : [list];
    if (!names.some(hasMembers)) continue;
    bodies ??= message.toString("utf8", end + 1).split("\n");
    take([names, ...(JSON.parse(bodies[i]!) as [string, unknown, string[]?])]);
  }
};
