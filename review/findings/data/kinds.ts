/** What is lost with a resource. */
export type DataKind = "volume" | "bucket" | "namespace" | "secret" | "database";

/** A type of resource that holds something which cannot be made again. */
export interface DataType {
  readonly kind: DataKind;
  /** Argument that people know it by. */
  readonly named: string;
  /** Steppe protects each that the fleet does not call disposable. */
  readonly isGuarded?: boolean;
}

/** Types whose destruction loses data, of Steppe's own stacks and of other programs. */
const DATA_TYPES: Readonly<Record<string, DataType>> = {
  aws_ebs_volume: { kind: "volume", named: "tags.Name", isGuarded: true },
  aws_efs_file_system: { kind: "volume", named: "creation_token" },
  aws_fsx_lustre_file_system: { kind: "volume", named: "tags.Name" },
  google_compute_disk: { kind: "volume", named: "name", isGuarded: true },
  google_compute_region_disk: { kind: "volume", named: "name" },
  google_filestore_instance: { kind: "volume", named: "name" },
  nomad_csi_volume: { kind: "volume", named: "volume_id", isGuarded: true },
  nomad_dynamic_host_volume: { kind: "volume", named: "name", isGuarded: true },
  nomad_external_volume: { kind: "volume", named: "volume_id" },
  aws_s3_bucket: { kind: "bucket", named: "bucket", isGuarded: true },
  google_storage_bucket: { kind: "bucket", named: "name", isGuarded: true },
  nomad_namespace: { kind: "namespace", named: "name" },
  nomad_variable: { kind: "secret", named: "path" },
  aws_kms_key: { kind: "secret", named: "description" },
  aws_secretsmanager_secret: { kind: "secret", named: "name" },
  aws_ssm_parameter: { kind: "secret", named: "name" },
  google_kms_crypto_key: { kind: "secret", named: "name" },
  google_secret_manager_secret: { kind: "secret", named: "secret_id" },
  aws_db_instance: { kind: "database", named: "identifier" },
  aws_dynamodb_table: { kind: "database", named: "name" },
  aws_rds_cluster: { kind: "database", named: "cluster_identifier" },
  google_bigquery_dataset: { kind: "database", named: "dataset_id" },
  google_sql_database: { kind: "database", named: "name" },
  google_sql_database_instance: { kind: "database", named: "name" },
};

/** What a type of resource holds; nothing where it can be made again from the configuration. */
export function dataTypeOf(type: string): DataType | undefined {
  return Object.hasOwn(DATA_TYPES, type) ? DATA_TYPES[type] : undefined;
}

/** @see dataTypeOf */
export function dataKindOf(type: string): DataKind | undefined {
  return dataTypeOf(type)?.kind;
}
