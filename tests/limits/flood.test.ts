import { expect, test } from "vitest";
import { createFloodWatch } from "../../server/realtime/flood.ts";

const setUp = () => {
  let time = 0;
  const floods = createFloodWatch(1, () => time);
  const refuse = (person: string, times: number, network?: string) => {
    let closed = 0;
    for (let i = 0; i < times; i += 1) closed += Number(floods.refused({ person, network }));
    return closed;
  };
  return { floods, refuse, pass: (ms: number) => (time += ms) };
};

test("somebody who is refused now and then is never closed, however long it goes on", () => {
  const { floods, refuse, pass } = setUp();
  for (let minute = 0; minute < 600; minute += 1) {
    expect(refuse("ada", 60)).toBe(0);
    pass(60_000);
  }
  expect(floods.blockedFor({ person: "ada" })).toBe(0);
});

test("a flooder is closed, stays away for a while, and is closed sooner the next time", () => {
  const { floods, refuse, pass } = setUp();
  expect(refuse("flood", 499)).toBe(0);
  expect(refuse("flood", 1)).toBe(1);
  expect(floods.blockedFor({ person: "flood" })).toBe(30_000);
  expect(floods.blockedFor({ person: "ada" })).toBe(0);
  pass(30_000);
  expect(floods.blockedFor({ person: "flood" })).toBe(0);
  expect(refuse("flood", 400)).toBe(1);
});

test("new people from one network share a larger measure, and agents there are not meant", () => {
  const { floods, refuse } = setUp();
  for (let i = 0; i < 10; i += 1) refuse(`visitor ${i}`, 300, "192.0.2.1");
  expect(floods.blockedFor({ person: "another visitor", network: "192.0.2.1" })).toBeGreaterThan(0);
  expect(floods.blockedFor({ person: "another visitor", network: "192.0.2.2" })).toBe(0);
  expect(floods.blockedFor({ person: "agent" })).toBe(0);
});
