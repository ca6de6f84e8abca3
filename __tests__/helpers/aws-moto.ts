import type { StackDocument } from "./synth";

/**
 * moto takes a launch template's own tags for tags of what is made from it, and fails where maintenance options change. It
 * knows no instance refresh. Its machines are none: nobody answers the SSH of a delivery.
 */
export function forMoto({ resource = {}, ...stack }: StackDocument): StackDocument {
  const left: Readonly<Record<string, string>> = {
    aws_launch_template: "tags",
    aws_autoscaling_group: "instance_refresh",
    aws_instance: "maintenance_options",
    terraform_data: "provisioner",
  };
  const without = (attributes: Record<string, unknown>, left: string) =>
    Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== left));
  return {
    ...stack,
    resource: Object.fromEntries(
      Object.entries(resource).map(([type, all]) => [
        type,
        Object.fromEntries(Object.entries(all).map(([id, attributes]) => [id, without(attributes, left[type] ?? "")])),
      ]),
    ),
  };
}
