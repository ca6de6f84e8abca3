import { existsSync, writeFileSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { Command } from "commander";
import { formatProblem, isError } from "../../constructs/core/problems";
import { UserError } from "../../ops/errors";
import type * as ImportJob from "../../ops/import-job";
import { loadPart } from "../lazy";
import { type Cli, withExamples, withJson } from "../shared";

interface ImportCommandOptions {
  readonly var?: readonly string[];
  readonly varFile?: readonly string[];
  readonly output?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `steppe import`: an existing job as TypeScript. */
export function importCommand(cli: Cli): Command {
  const several = (value: string, before: readonly string[] = []): string[] => [...before, value];
  const command = withJson(new Command("import"))
    .description("print an existing job, HCL or JSON, as TypeScript; HCL is read by the real nomad")
    .argument("<file>", "jobspec in HCL, or JSON of nomad job run -output or nomad job inspect")
    .option("--var <name=value>", "value of a variable of the file; may be repeated", several)
    .option("--var-file <file>", "file with values of variables; may be repeated", several)
    .option("-o, --output <file>", "write a module there instead of printing it")
    .option("--force", "overwrite the module")
    .action(async (file: string, options: ImportCommandOptions) => {
      const { importJob, jobModule } = loadPart("ops/import-job.ts") as typeof ImportJob;
      const { job, problems } = await importJob({
        file: fromHere(file),
        vars: options.var ?? [],
        varFiles: (options.varFile ?? []).map(fromHere),
        env: cli.env,
      });
      if (options.json === true) {
        cli.output.out(JSON.stringify({ job, problems }, null, 2));
        return;
      }
      for (const problem of problems)
        cli.output.err(`${isError(problem) ? "to mend" : "warning"}: ${formatProblem(problem)}`);
      const target = fromHere(options.output ?? resolve(cli.project, "fleets", "job.ts"));
      const source = await jobModule(job, file, target, cli.project);
      if (options.output === undefined) cli.output.out(source.trimEnd());
      else write(target, source, options.force === true);
    });
  return withExamples(
    command,
    "import web.nomad.hcl                                     # look at it",
    "import web.nomad.hcl --var image=nginx:1.27.3 -o fleets/jobs/web.ts",
    "import web.json                                          # of nomad job inspect web",
  );
}

function fromHere(path: string): string {
  return isAbsolute(path) ? path : resolve(path);
}

function write(path: string, source: string, force: boolean): void {
  if (!force && existsSync(path)) {
    throw new UserError(`${path} exists`, ["choose another file, or add --force to overwrite it"]);
  }
  writeFileSync(path, source);
}
