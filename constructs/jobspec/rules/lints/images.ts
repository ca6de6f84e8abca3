import type { Task } from "../../task";
import { isLiteral, type Report } from "../report";
import type { Config } from "./texts";

const moving = new Set(["main", "master", "nightly", "edge", "stable", "dev", "devel", "rolling", "lts", "release"]);

/** Images of the drivers that pull them. */
export function imageRules(report: Report, path: string, task: Task, config: Config): void {
  if (task.driver !== "docker" && task.driver !== "podman") return;
  const { image } = config as { readonly image?: unknown };
  if (image === undefined || image === "") {
    report.needed(`${path}.config.image`, image, "name an image");
  } else if (typeof image === "string") {
    imageRule(report, `${path}.config.image`, image);
  }
}

/** A tag that moves gives every node another program, at a time that nobody chose. */
export function imageRule(report: Report, path: string, image: string): void {
  if (!isLiteral(image) || image.includes("@sha256:") || /^(oci|docker)-archive:|^oci:|^dir:/.test(image)) return;
  const fix = "name a version (repo:1.2.3) or a digest (repo@sha256:…)";
  const last = image.slice(image.lastIndexOf("/") + 1);
  const tag = last.includes(":") ? last.slice(last.indexOf(":") + 1) : "";
  if (tag === "") {
    report.lint("floating-image", path, "must have a version: without a tag it means latest", image, fix);
  } else if (tag === "latest" || tag.startsWith("latest-") || tag.endsWith("-latest")) {
    report.lint("floating-image", path, "must not float", image, fix);
  } else if (moving.has(tag)) {
    report.lint("moving-tag", path, "has a tag that moves", image, fix);
  }
}
