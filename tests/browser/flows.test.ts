import { describe } from "vitest";
import { embedding } from "./flows/embedding.ts";
import { everyone } from "./flows/everyone.ts";
import { hostile } from "./flows/hostile.ts";
import { handling } from "./flows/handling.ts";
import { joining } from "./flows/joining.ts";
import { outages } from "./flows/outages.ts";
import { settling } from "./flows/settling.ts";
import { staff } from "./flows/staff.ts";
import { tabs } from "./flows/tabs.ts";
import { talking } from "./flows/talking.ts";
import { vouching } from "./flows/vouching.ts";
import { waiting } from "./flows/waiting.ts";
import { setStage } from "./stage.ts";

// One file, so that all flows share one browser and one pair of nodes: starting those takes longer than most flows.
const stage = setStage();

describe("talking", () => {
  talking(stage);
});
describe("handling a conversation", () => {
  handling(stage);
});
describe("waiting and being handed over", () => {
  waiting(stage);
});
describe("joining", () => {
  joining(stage);
});
describe("several tabs", () => {
  tabs(stage);
});
describe("settings", () => {
  settling(stage);
});
describe("Parley's own staff", () => {
  staff(stage);
});
describe("outages", () => {
  outages(stage);
});
describe("embedding", () => {
  embedding(stage);
});
describe("saying who the visitor is", () => {
  vouching(stage);
});
describe("pages by other people", () => {
  hostile(stage);
});
describe("everyone", () => {
  everyone(stage);
});
