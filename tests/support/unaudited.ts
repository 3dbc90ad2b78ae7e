const reads = "it changes nothing";
const own = "it is its own record: the timeline tells who did it, when and what";
const passing = "it says where somebody is at the moment, and is gone with it";

/**
 * The commands and routes that change something and write no audit event, and why. Whatever is not here writes one. What is
 * its own record is audited all the same where somebody acts for the one it names.
 */
export const unaudited: Record<string, string> = {
  "message:send": own,
  "message/send": own,
  "message:react": own,
  "receipt:record": "it moves a cursor that everybody in the conversation sees, many times a minute",
  "typing:set": passing,
  "presence:set": passing,
  "session:renew": "the session stays the one whose beginning is on record",
  "auth/refresh": "the session stays the one whose beginning is on record; a stolen token is told",
  "auth/password/forgot": "anybody may ask it for anybody: the mail is its record, and what its link does is audited",
  "invitation/preview": reads,
  "routing/replay": reads,
};
