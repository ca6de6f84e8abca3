import { controllersOf, pluginsOf } from "../../model/volumes";
import { csiFleet } from "../helpers/lab-csi";

const count = (fleet: ReturnType<typeof csiFleet>) =>
  pluginsOf(fleet, "east").map(([, plugin]) => controllersOf(fleet, plugin));

test("a plugin has two controllers in a pool of two machines, and one where only one of them is in service", () => {
  expect(count(csiFleet())).toEqual([2]);
  expect(count(csiFleet({ "general-1": { reason: "sold" } }))).toEqual([1]);
});
