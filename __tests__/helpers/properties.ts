import fc from "fast-check";

/**
 * fast-check with a fixed seed, so that a test's outcome is that of the code. Other cases: `STEPPE_PROPERTY_SEED=7 npm test`.
 */
fc.configureGlobal({ seed: Number(process.env["STEPPE_PROPERTY_SEED"] ?? 2026) });

export default fc;
