import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Job } from "../../constructs/jobspec/job";
import { renderJob } from "../../constructs/jobspec/render";
import { checkJob } from "../../constructs/jobspec/validate";
import { CsiDriver } from "../../model/csi-drivers";
import { validateFleet } from "../../model/validate";
import { democraticOptions, drivers, fleetWith, pluginJobs } from "../helpers/csi";

const taskOf = (job: Job | undefined) => Object.values(Object.values(job?.groups ?? {})[0]?.tasks ?? {})[0];
const filesOf = (job: Job | undefined) => taskOf(job)?.templates ?? [];

describe.each(Object.entries(drivers))("CSI driver %s", (id, driver) => {
  const jobs = pluginJobs(id, driver);

  test("has a fleet in which nothing is wrong", () => {
    expect(validateFleet(fleetWith(id, driver)).filter(({ severity }) => severity !== "warning")).toEqual([]);
  });

  test("has jobs that keep Steppe's rules, but those that it says", () => {
    for (const job of jobs) expect(checkJob(job, { fleet: fleetWith(id, driver) }).problems).toEqual([]);
  });

  test("keeps the golden file of its jobs", () => {
    const path = join(__dirname, "golden", `${id}.json`);
    const text = `${JSON.stringify(jobs.map(renderJob), null, 2)}\n`;
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, text);
    expect(text).toBe(readFileSync(path, "utf8"));
  });

  test("gives all rights to what mounts, and says why", () => {
    const mounts = jobs.filter(({ type }) => type === "system");
    expect(mounts.length).toBeGreaterThan(0);
    for (const job of mounts) {
      expect(taskOf(job)).toMatchObject({ driver: "docker", config: { privileged: true } });
      expect(job.allow?.map(({ rule }) => rule)).toContain("privileged");
    }
  });
});

describe("democratic-csi", () => {
  const [apiIscsi, apiNfs, , , zfsIscsi] = democraticOptions;
  const jobsOf = (options = apiIscsi!) => pluginJobs("nas", CsiDriver.democraticCsi(options));

  test.each(democraticOptions.map((options) => [options.driver, options] as const))(
    "%s reads every secret from its Nomad variable, into secrets/",
    (_, options) => {
      const [controller] = jobsOf(options);
      const [file, ...others] = filesOf(controller);
      expect(others).toEqual([]);
      expect(file).toMatchObject({ destination: "secrets/driver-config-file.json", perms: "0600" });
      const { secrets = [] } = CsiDriver.democraticCsi(options);
      const read = [...(file?.data ?? "").matchAll(/\{\{ \.(\w+)\.Value \| trimSpace \| toJSON \}\}/g)].map(
        ([, item]) => item,
      );
      expect([...read].sort()).toEqual([...secrets].sort());
      expect(secrets.length).toBeGreaterThan(0);
      expect(file?.data).not.toContain("<secret");
    },
  );

  test("is JSON once the secrets are in it", () => {
    for (const options of democraticOptions) {
      const [file] = filesOf(jobsOf(options)[0]);
      const filled = (file?.data ?? "")
        .replace(/\{\{ \.\w+\.Value \| trimSpace \| toJSON \}\}/g, '"s"')
        .replace(/^\{\{ with .*? \}\}/, "");
      const config = JSON.parse(filled.replace(/\{\{ end \}\}\n$/, "")) as object;
      expect(config).toMatchObject({ driver: options.driver, zfs: { datasetParentName: "tank/nomad/volumes" } });
    }
  });

  test("gives no secret to machines that mount", () => {
    for (const options of democraticOptions) {
      const [, node] = jobsOf(options);
      const [file] = filesOf(node);
      const config = JSON.parse(file?.data ?? "") as object;
      expect(config).toMatchObject({ driver: options.driver });
      expect(JSON.stringify(config)).not.toMatch(/apiKey|privateKey|userid|password/);
    }
  });

  test("uses the machine's own iSCSI, and never formats a disk because udev has not looked at it", () => {
    const node = taskOf(jobsOf()[1]);
    expect(node).toMatchObject({
      env: { FILESYSTEM_TYPE_DETECTION_STRATEGY: "blkid" },
      config: { ipcMode: "host", networkMode: "host" },
    });
    expect(taskOf(jobsOf(apiNfs)[1])).not.toHaveProperty("config.ipcMode");
  });

  test("asks for a password where the storage does", () => {
    expect(CsiDriver.democraticCsi(zfsIscsi!).secrets).toEqual([
      "ssh_private_key",
      "chap_user",
      "chap_password",
      "chap_mutual_user",
      "chap_mutual_password",
    ]);
    expect(filesOf(jobsOf(zfsIscsi)[0])[0]?.data).toContain('"authentication": 1');
  });
});
