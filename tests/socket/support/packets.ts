import type { Namespace } from "./raw.ts";

/** What no client of ours sends: broken Engine.IO and Socket.IO packets, handshakes out of place, attachments that never come. */
export const malformed = (nsp: Namespace): string[] =>
  [
    ["", "4", "42", "x", "9", "6", "0{}", "1", "2probe", "4\u0000", "4999999", "b", "bAAAA", "41", "40", "5"],
    [
      `42${nsp},`,
      `42${nsp}`,
      `42${nsp},[`,
      `42${nsp},{}`,
      `42${nsp},"a"`,
      `42${nsp},[]`,
      `42${nsp},["a"`,
      `42${nsp},1[`,
    ],
    [`42${nsp},nul`, '42/nowhere,["a"]', '42["conversation:list",{}]', `42${nsp},1e9["conversation:list",{}]`],
    `42${nsp},99999999999999999999["conversation:list",{}]`,
    [`40${nsp},{}`, `40${nsp},`, "40/nowhere,{}", `40${nsp},[]`, `44${nsp},{"message":"no"}`, `41${nsp},`, `49${nsp},`],
    [`43${nsp},99[{}]`, `43${nsp},-1[]`, `43${nsp},[]`, `46${nsp},0[]`],
    `4511-${nsp},["message:send",{"_placeholder":true,"num":0}]`,
    `451-${nsp},["message:send",{"_placeholder":true,"num":99}]`,
    `451-${nsp},3["typing:set",{"_placeholder":true,"num":-1}]`,
    [`45-1-${nsp},["message:send",{}]`, `45${nsp},[]`, `4599999999999-${nsp},["message:send"]`],
    `42${nsp},1["message:send",${"[".repeat(15_000)}${"]".repeat(15_000)}]`,
    `42${nsp},2["message:send",${'{"a":'.repeat(9_000)}1${"}".repeat(9_000)}]`,
    `42${nsp},3["message:send",${Array.from({ length: 20_000 }, () => "{}").join(",")}]`,
    `42${nsp},4["message:send",{"__proto__":{"ok":true},"constructor":{"prototype":{"ok":true}}}]`,
  ].flat();

/** Names that the libraries keep for themselves, and what is no name at all. */
export const noEvents: unknown[] = [
  ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"],
  [null, true, {}, []],
].flat();

/** Names that are none of ours; some of them every object answers to. */
export const noCommands: unknown[] = [
  ["conversation:destroy", "join", "error", "*", "", " ", "message:send ", "MESSAGE:SEND", "x".repeat(9_000)],
  ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"],
  [1, 0, -7, 1.5],
].flat();
