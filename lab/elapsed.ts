import type { Progress } from "./run";

/** Writes a duration the way people say it: `8 s`, `2 min 5 s`. */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (milliseconds < 9950) return `${(milliseconds / 1000).toFixed(1)} s`;
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Does something that takes long, and says now and then that it still does. */
export async function withElapsed<T>(progress: Progress, label: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  progress(`${label} ...`);
  const timer = setInterval(() => progress(`${label} ... ${formatElapsed(performance.now() - start)}`), 15_000);
  try {
    const result = await work();
    progress(`${label}: done in ${formatElapsed(performance.now() - start)}`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
