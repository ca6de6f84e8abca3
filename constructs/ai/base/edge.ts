import type { EdgeProfile } from "../../../model/types";
import { seconds } from "../../jobspec/duration";
import type { Disconnect } from "../../jobspec/policies";

/** A replica out of contact goes on; when contact is back, the better of it and its replacement stays. */
export function edgeDisconnect({ toleratedDisconnectSeconds = 3600 }: EdgeProfile): Disconnect {
  return { lostAfter: seconds(toleratedDisconnectSeconds), reconcile: "best_score" };
}
