// The name under which other parts know it.
export * from "./stack";
