import { AssumptionError } from "../core/problems";

/** What a machine or pool runs when it boots, among that of others. @throws AssumptionError when it has nothing. */
export function given(userData: Readonly<Record<string, string>>, name: string): string {
  const found = userData[name];
  if (found === undefined) throw new AssumptionError(`${name} has no user data`);
  return found;
}
