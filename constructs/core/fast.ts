/**
 * Switches off the stack traces that cdktf captures for every token and block: the largest single cost of a program with
 * many resources. Must be imported before anything of cdktf. `STEPPE_CREATION_STACKS=1` brings them back, for the
 * "token created at" lines of a resolve error. The successor `cdktn` reads the environment variable instead.
 *
 * @see https://github.com/hashicorp/terraform-cdk/issues/3892
 */
if (process.env["STEPPE_CREATION_STACKS"] !== "1") {
  process.env["CDKTN_DISABLE_CREATION_STACK"] = "1";
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the one guarded patch of a private module
    (require("cdktf/lib/tokens/private/stack-trace") as { captureStackTrace: () => string[] }).captureStackTrace =
      () => [];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
  }
}
