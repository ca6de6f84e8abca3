import type { Grant, TypePermissions } from "./permission-grants";

const BUCKET_POLICY: readonly Grant[] = [["buckets", ["storage.buckets.getIamPolicy", "storage.buckets.setIamPolicy"]]];
const SECRET_POLICY: readonly Grant[] = [
  ["secrets", ["secretmanager.secrets.getIamPolicy", "secretmanager.secrets.setIamPolicy"]],
];

const bucketPolicy: TypePermissions = {
  read: [["buckets", ["storage.buckets.getIamPolicy"]]],
  create: BUCKET_POLICY,
  update: BUCKET_POLICY,
  delete: BUCKET_POLICY,
};

/** What Terraform does with secrets and buckets. By type of resource. */
export const STORAGE_PERMISSIONS: Readonly<Record<string, TypePermissions>> = {
  google_secret_manager_secret: {
    read: [["secrets", ["secretmanager.secrets.get"]]],
    create: [["secrets", ["secretmanager.secrets.create"]]],
    update: [["secrets", ["secretmanager.secrets.update"]]],
    delete: [["secrets", ["secretmanager.secrets.delete"]]],
  },
  google_secret_manager_secret_iam_member: {
    read: [["secrets", ["secretmanager.secrets.getIamPolicy"]]],
    create: SECRET_POLICY,
    update: [],
    delete: SECRET_POLICY,
  },
  // A value that is written only is not read back (secretmanager.versions.access): the provider looks at its number alone.
  google_secret_manager_secret_version: {
    read: [["secrets", ["secretmanager.versions.get"]]],
    create: [["secrets", ["secretmanager.versions.add", "secretmanager.versions.enable"]]],
    update: [["secrets", ["secretmanager.versions.enable"]]],
    delete: [["secrets", ["secretmanager.versions.destroy"]]],
  },
  // What is in a bucket is the operators' to delete: whoever applies removes an empty one.
  google_storage_bucket: {
    read: [["buckets", ["storage.buckets.get"]]],
    create: [["buckets", ["storage.buckets.create"]]],
    update: [["buckets", ["storage.buckets.update"]]],
    delete: [["buckets", ["storage.buckets.delete"]]],
  },
  google_storage_bucket_iam_member: bucketPolicy,
  google_storage_bucket_iam_policy: bucketPolicy,
};
