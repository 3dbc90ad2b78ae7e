import * as v from "valibot";
import { expect, test } from "vitest";
import { Email } from "../../server/contract/entities.ts";
import * as rest from "../../server/contract/rest.ts";
import { isEmail } from "../../server/contract/email-address.ts";
import { widgetCommands } from "../../server/contract/widget.ts";

const addresses = [
  "ana@example.com",
  "ANA@Example.COM",
  "o'neill@example.com",
  "r&d@example.com",
  "a+b_c-d.e@mail.example.co.uk",
  "!#$%*/=?^`{|}~@example.com",
  "1@1.example",
  "ana@xn--bcher-kva.example",
  "ana@shop.xn--p1ai",
  "söhne@bücher.example",
  "用户@例子.公司",
  "пользователь@пример.рф",
  "उपयोगकर्ता@उदाहरण.भारत",
  `${"a".repeat(64)}@example.com`,
];

const others = [
  "",
  "ana",
  "@example.com",
  "ana@",
  "ana@example",
  "ana@127.0.0.1",
  "ana@@example.com",
  "ana@b@example.com",
  "a na@example.com",
  "ana@exam ple.com",
  " ana@example.com",
  ".ana@example.com",
  "ana.@example.com",
  "a..na@example.com",
  "ana@.example.com",
  "ana@example..com",
  "ana@-example.com",
  "ana@example-.com",
  "ana@example.com.",
  "ana@example.com\r\nbcc: eve@example.com",
  "ana@example.com,eve@example.com",
  "<ana@example.com>",
  "Ana <ana@example.com>",
  '"ana"@example.com',
  "ana@example.com\u0000",
  "ana\u202e@example.com",
  "ana\u200b@example.com",
  "ana\ud800@example.com",
  "(ana)@example.com",
  `${"a".repeat(65)}@example.com`,
  `ana@${"b".repeat(64)}.com`,
  `ana@${"b.".repeat(150)}com`,
];

test.each(addresses)("%s is somebody's address", (address) => {
  expect(isEmail(address)).toBe(true);
  expect(v.is(Email, address)).toBe(true);
});

test.each(others)("%j is nobody's address", (text) => {
  expect(isEmail(text)).toBe(false);
  expect(v.is(Email, text)).toBe(false);
});

test("what is no address is refused in words, at the widget and at every route, by the same rule", () => {
  expect(rest.Email).toBe(Email);
  const { issues } = v.safeParse(widgetCommands["conversation:start"].payload, { clientId: "1", email: "ana" });
  expect(issues?.[0]?.message).toBe("must be an e-mail address, such as ana@example.com");
});

test("a text of ten thousand signs is looked at once", () => {
  for (const sign of [".", "a.", "a@", "@", "-", "a-", "é", "a\u0301"]) {
    const long = sign.repeat(10_000);
    for (const text of [long, `${long}@example.com`, `ana@${long}.com`]) expect(isEmail(text)).toBe(false);
  }
});
