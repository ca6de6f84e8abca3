import { DEFAULT_ACCESS_PORT, externalAccessOf } from "../../model/access";
import { regionOf, siteOf } from "../../model/names";
import type { Fleet } from "../../model/types";
import { accessUnits } from "./access-units";
import { type BundleFile, file, script } from "./bundle-file";
import { paths } from "./paths";
import { access, accessHealth, passthroughAccess } from "./shell/access";
import { accessPassthrough } from "./shell/access-passthrough";

/** What a region's servers have more where callers outside the tailnet reach them; else nothing. */
export function accessFiles(fleet: Fleet, region: string, dataDirectory: string): readonly BundleFile[] {
  const external = externalAccessOf(fleet, region);
  if (external === undefined) return [];
  const { networks } = siteOf(fleet, regionOf(fleet, region).site);
  const passthrough = isPassedThrough(fleet, region);
  const { port = DEFAULT_ACCESS_PORT } = external;
  return [
    ...Object.entries(accessUnits(networks, dataDirectory, passthrough)).map(([name, unit]) =>
      file(`${paths.units}/${name}`, unit, "access"),
    ),
    { ...script("access", passthrough ? passthroughAccess(port) : access), concern: "access" },
    ...(passthrough ? [{ ...script("access-passthrough", accessPassthrough), concern: "access" as const }] : []),
    script("access-health", accessHealth),
  ];
}

/** Brings what the scripts need, after the step that installs from the vendors' repositories. */
export function needAccessTools(fleet: Fleet, region: string): readonly string[] {
  return externalAccessOf(fleet, region) !== undefined && isPassedThrough(fleet, region) ? ["need nft nftables\n"] : [];
}

/** AWS's load balancer speaks for its callers; Google's passes their packets on. */
function isPassedThrough(fleet: Fleet, region: string): boolean {
  return siteOf(fleet, regionOf(fleet, region).site).platform === "gcp";
}

/** After Nomad. A Nomad that was restarted has opened the way again by itself. */
export const activateAccess = `systemctl enable --quiet steppe-access.service
if [ -e "$changed/access" ] || ! systemctl is-active --quiet steppe-access.service; then
  systemctl restart steppe-access.service || {
    journalctl -u steppe-access.service -n 3 --no-pager -o cat >&2
    exit 1
  }
fi
`;
