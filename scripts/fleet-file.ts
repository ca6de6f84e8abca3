/** File beside the stacks that holds the fleet as data, for `./steppe review`. */
export const FLEET_FILE = "fleet.json";
