import { describe } from "vitest";
import { embedding } from "./flows/embedding.ts";
import { everyone } from "./flows/everyone.ts";
import { handling } from "./flows/handling.ts";
import { outages } from "./flows/outages.ts";
import { talking } from "./flows/talking.ts";
import { setStage } from "./stage.ts";

// One file, so that all flows share one browser and one pair of nodes: starting those takes longer than most flows.
const stage = setStage();

describe("talking", () => {
  talking(stage);
});
describe("handling a conversation", () => {
  handling(stage);
});
describe("outages", () => {
  outages(stage);
});
describe("embedding", () => {
  embedding(stage);
});
describe("everyone", () => {
  everyone(stage);
});
