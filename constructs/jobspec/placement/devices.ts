import { devicePluginOf } from "../../../model/gpu";
import type { Group } from "../group";
import type { DeviceConstraint } from "../placement";
import type { Device } from "../resources";
import { isKnown, isKnownNumber } from "../rules/report";
import { compareDeviceValues, type DeviceValue, parseDeviceValue } from "./device-value";
import type { Findings, Reason, ReasonKind } from "./findings";
import type { PoolFacts } from "./pool-facts";

/** A value of the pool's GPU; `unknown` where the fleet does not say, `absent` where there surely is none. */
type Target = DeviceValue | "unknown" | "absent";

/**
 * Checks what a group's tasks want of the pool's GPUs: vendor and model, constraints, and how many one machine has. Other
 * kinds of devices are not in the fleet, so whether a machine has them is not known.
 */
export function checkDevices(findings: Findings, facts: PoolFacts, path: string, group: Group): void {
  let wanted = 0;
  let last: string | undefined;
  for (const [name, task] of Object.entries(group.tasks)) {
    task.resources?.devices?.forEach((device, index) => {
      const at = `${path}.tasks.${name}.resources.devices.${index}`;
      const isGpu = checkDevice(findings, facts, at, device);
      if (!isGpu) return;
      wanted += device.count !== undefined && isKnownNumber(device.count) ? device.count : 1;
      last = at;
    });
  }
  if (last === undefined || facts.gpu === undefined || wanted === 0) return;
  const { count } = facts.gpu;
  const fits = Math.floor(count / wanted);
  findings.limit({
    per: "machine",
    atLeast: fits,
    atMost: fits,
    reason: () =>
      fits === 0
        ? reason("gpuCount", `${last}.count`, `GPUs × ${wanted}`, {
            rule: `must be at most ${count}, the GPUs of a machine of pool ${facts.name}`,
            got: wanted,
            fix: "use more allocations, or a larger machine",
          })
        : {
            ...reason("gpuCount", `${path}.count`, `GPUs × ${wanted}`, {
              rule: `is more than the GPUs of pool ${facts.name} suffice for: ${count} on each machine, ${wanted} for each allocation`,
              fix: "lower count, or add machines",
            }),
            check: "deviceRoom",
          },
  });
}

/** @returns true for a request that takes GPUs of the pool. */
function checkDevice(findings: Findings, facts: PoolFacts, path: string, device: Device): boolean {
  const name = `${path}.name`;
  if (!isKnown(device.name)) {
    findings.doubt({ check: "device", path: name, unknown: "which device is wanted" });
    return false;
  }
  const [first = "", second, ...rest] = device.name.split("/");
  const type = second ?? first;
  const model = rest.length === 0 ? undefined : rest.join("/");
  if (type !== "gpu") {
    findings.doubt({ check: "device", path: name, unknown: `whether pool ${facts.name} has devices of type ${type}` });
    return false;
  }
  const { gpu } = facts;
  if (gpu === undefined) {
    if (facts.pool.hardware.gpu !== undefined) {
      findings.doubt({ check: "device", path: name, unknown: `what the GPU of pool ${facts.name} is` });
      return false;
    }
    findings.fail(
      reason("device", name, "a GPU", {
        rule: `is not in pool ${facts.name}: its machines have no GPU`,
        got: device.name,
        fix: "use a pool with GPUs",
      }),
    );
    return false;
  }
  if (devicePluginOf(facts.pool) === undefined) {
    findings.fail(
      reason("device", name, "a device plugin", {
        rule: `is not reported in pool ${facts.name}: its machines run no device plugin`,
        got: device.name,
        fix: "name the image's plugin in gpuDriver.devicePlugin, or go by ${meta.gpu.model}",
      }),
    );
    return false;
  }
  const vendor = gpu.vendor ?? "nvidia";
  if (second !== undefined && first !== vendor) {
    findings.fail(
      reason("gpuModel", name, `GPUs of ${first}`, {
        rule: `must name the vendor of pool ${facts.name}'s GPUs, ${vendor}`,
        got: device.name,
        fix: `use ${vendor}/gpu`,
      }),
    );
  }
  if (model !== undefined && model !== gpu.model) {
    findings.fail(
      reason("gpuModel", name, `GPU ${model}`, {
        rule: `must name the model of pool ${facts.name}, ${gpu.model}`,
        got: model,
        fix: "name that model, or leave it out",
      }),
    );
  }
  if (gpu.unifiedMemory === true) {
    findings.doubt({
      check: "device",
      path: name,
      unknown: `whether the device plugin of pool ${facts.name} reports a ${gpu.model}`,
    });
  }
  device.constraints?.forEach((constraint, index) => {
    checkConstraint(findings, facts, `${path}.constraints.${index}`, constraint);
  });
  return true;
}

function checkConstraint(findings: Findings, facts: PoolFacts, path: string, constraint: DeviceConstraint): void {
  const operator = constraint.operator ?? "=";
  const left = target(constraint.attribute, facts);
  const right = target(constraint.value ?? "", facts);
  const holds = compareTargets(operator, left, right);
  if (holds === true) return;
  if (holds === undefined) {
    findings.doubt({ check: "device", path, unknown: `${constraint.attribute} of the GPUs of pool ${facts.name}` });
    return;
  }
  const { gpu } = facts;
  const isMemory = (constraint.attribute as string) === "${device.attr.memory}";
  const kind: ReasonKind = isMemory ? "gpuMemory" : "gpuModel";
  const wanted = constraint.value === undefined ? operator : `${operator} ${constraint.value}`;
  const is = typeof left === "object" ? shown(left) : "not set";
  findings.fail(
    reason(kind, path, `${constraint.attribute} ${wanted}`, {
      rule: isMemory
        ? `cannot be met in pool ${facts.name}: a ${gpu?.model ?? ""} has ${gpu?.memoryMiB ?? 0} MiB`
        : `cannot be met in pool ${facts.name}, where ${constraint.attribute} is ${is}`,
      got: operator === "=" || operator === ">=" ? constraint.value : wanted,
      fix: isMemory ? "ask for less, or use another pool" : "use another pool",
    }),
  );
}

function compareTargets(operator: string, left: Target, right: Target): boolean | undefined {
  if (operator === "is_set") return left === "unknown" ? undefined : left !== "absent";
  if (operator === "is_not_set") return left === "unknown" ? undefined : left === "absent";
  if (left === "unknown" || right === "unknown") return undefined;
  if (operator === "!=" && (left === "absent") !== (right === "absent")) return true;
  if (left === "absent" || right === "absent") return false;
  return compareDeviceValues(operator, left, right);
}

function target(text: string, { gpu }: PoolFacts): Target {
  if (!isKnown(text)) return "unknown";
  if (!text.startsWith("${")) return parseDeviceValue(text);
  switch (text) {
    case "${device.model}":
      return { kind: "text", text: gpu?.model ?? "" };
    case "${device.vendor}":
      return { kind: "text", text: gpu?.vendor ?? "nvidia" };
    case "${device.type}":
      return { kind: "text", text: "gpu" };
    case "${device.attr.memory}":
      return gpu === undefined ||
        gpu.unifiedMemory === true ||
        (gpu.mig !== undefined && gpu.mig.memoryMiB === undefined)
        ? "unknown"
        : { kind: "number", value: gpu.memoryMiB, unit: "MiB" };
    default:
      return text === "${device.ids}" || text.startsWith("${device.attr.") ? "unknown" : "absent";
  }
}

function shown(value: DeviceValue): string {
  if (value.kind === "number") return `${value.value}${value.unit}`;
  return value.kind === "text" ? value.text : String(value.value);
}

function reason(kind: ReasonKind, path: string, short: string, rest: Pick<Reason, "rule" | "got" | "fix">): Reason {
  return { check: "device", kind, path, short, ...rest };
}
