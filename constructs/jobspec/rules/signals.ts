import { isLiteral, type Report } from "./report";

/** Signals that clients know: those of Linux, and SIGNULL. */
const signals = new Set(
  `ABRT ALRM BUS CHLD CONT FPE HUP ILL INT IO IOT KILL PIPE PROF QUIT SEGV STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2
   WINCH XCPU XFSZ NULL`.split(/\s+/),
);

/** A signal that a task, a template or an identity names: Nomad places the job only where the system knows it. */
export function signalRule(report: Report, path: string, signal: string | undefined): void {
  if (signal === undefined || signal === "" || !isLiteral(signal)) return;
  const name = signal.toUpperCase();
  if (name.startsWith("SIG") && signals.has(name.slice(3))) return;
  report.lint("unknown-signal", path, "must be a signal", signal, 'write it as in "SIGHUP"');
}
