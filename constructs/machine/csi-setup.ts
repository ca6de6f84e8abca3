import type { CsiMachineNeeds } from "../../model/csi-driver";
import { siteOf } from "../../model/names";
import type { Fleet } from "../../model/types";
import { csiProgramsIn } from "../../model/volumes";
import { type BundleFile, file } from "./bundle-file";
import { checkPackage, installPackages, loadModule, makeDirectories, runUnit } from "./shell/csi";

const DIRECTORIES = "/etc/tmpfiles.d/steppe-csi.conf";
const MODULES = "/etc/modules-load.d/steppe-csi.conf";

/** What a pool's machines have for the CSI plugins that run there, beside what machines without have. */
export interface CsiSetup {
  /** Brings or checks packages, after the programs. */
  readonly packages: readonly string[];
  readonly files: readonly BundleFile[];
  /** Before Nomad starts. */
  readonly ready: readonly string[];
}

/** Nothing for pools without CSI plugins, or whose plugins need nothing: their bundles are as they were. */
export function csiSetup(fleet: Fleet, poolName: string): CsiSetup {
  const needs = csiProgramsIn(fleet, poolName).flatMap(({ machine }) => machine ?? []);
  const all = <T>(pick: (of: CsiMachineNeeds) => readonly T[] | undefined): readonly T[] => {
    const byText = new Map(needs.flatMap((one) => pick(one) ?? []).map((value) => [JSON.stringify(value), value]));
    return [...byText.values()];
  };
  const packages = all((one) => one.packages);
  const modules = all((one) => one.kernelModules);
  const directories = all((one) => one.directories);
  const installs = (siteOf(fleet, fleet.pools[poolName]?.site ?? "").install?.kind ?? "repository") === "repository";
  return {
    packages: [
      ...(installs && packages.length > 0 ? [installPackages(packages)] : []),
      ...packages.map(({ name, command }) => checkPackage(command, name)),
    ],
    files: [
      ...(modules.length > 0 ? [file(MODULES, lines(modules), "none")] : []),
      ...(directories.length > 0
        ? [file(DIRECTORIES, lines(directories.map((path) => `d ${path} 0755 root root -`)), "none")]
        : []),
    ],
    ready: [
      ...(directories.length > 0 ? [makeDirectories(DIRECTORIES)] : []),
      ...modules.map(loadModule),
      ...all((one) => one.units).map(runUnit),
    ],
  };
}

function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
