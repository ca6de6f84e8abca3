import { externalAccessOf } from "../../model/access";
import { regionOf, siteOf } from "../../model/names";
import type { Fleet } from "../../model/types";
import { accessUnits } from "./access-units";
import { type BundleFile, file, script } from "./bundle-file";
import { paths } from "./paths";
import { access, accessHealth } from "./shell/access";

/** What a region's servers have more where callers outside the tailnet reach them; else nothing. */
export function accessFiles(fleet: Fleet, region: string, dataDirectory: string): readonly BundleFile[] {
  if (externalAccessOf(fleet, region) === undefined) return [];
  const { networks } = siteOf(fleet, regionOf(fleet, region).site);
  return [
    ...Object.entries(accessUnits(networks, dataDirectory)).map(([name, unit]) =>
      file(`${paths.units}/${name}`, unit, "access"),
    ),
    { ...script("access", access), concern: "access" },
    script("access-health", accessHealth),
  ];
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
