-- The schema that every database of Nodewise starts from. Functions, triggers, views and grants are no part of the chain: they stand in db/functions,
-- db/views and db/schema, and the migration step applies them after the migrations. What defaults and row policies call is declared here without a body.
CREATE SCHEMA nw;
CREATE SCHEMA nw_private;
REVOKE ALL ON SCHEMA nw_private FROM PUBLIC;
-- Postgres lets everybody execute a new function; ours wait for a grant.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
GRANT USAGE ON SCHEMA nw TO PUBLIC;
GRANT USAGE ON SCHEMA nw_private TO nw_kernel;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
--> statement-breakpoint
CREATE EXTENSION pgcrypto SCHEMA nw_private;
--> statement-breakpoint
-- The secret under which the actor's claim is signed (db/functions/claim.sql).
CREATE TABLE nw_private.secret (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), value text NOT NULL);
ALTER TABLE nw_private.secret ENABLE ROW LEVEL SECURITY;
ALTER TABLE nw_private.secret FORCE ROW LEVEL SECURITY;
CREATE POLICY kernel ON nw_private.secret TO nw_kernel USING (true);
CREATE POLICY owner ON nw_private.secret TO nodewise_owner USING (true) WITH CHECK (true);
GRANT SELECT ON nw_private.secret TO nw_kernel;
--> statement-breakpoint
CREATE FUNCTION nw.role() RETURNS text LANGUAGE sql STABLE RETURN NULL;
CREATE FUNCTION nw.person_id() RETURNS uuid LANGUAGE sql STABLE RETURN NULL::uuid;
CREATE FUNCTION nw.study_id() RETURNS uuid LANGUAGE sql STABLE RETURN NULL::uuid;
CREATE FUNCTION nw.site_id() RETURNS uuid LANGUAGE sql STABLE RETURN NULL::uuid;
CREATE FUNCTION nw.locked() RETURNS boolean LANGUAGE sql STABLE RETURN NULL::boolean;
CREATE FUNCTION nw.may_create_studies() RETURNS boolean LANGUAGE sql STABLE RETURN NULL::boolean;
CREATE FUNCTION nw.may_found(study uuid) RETURNS boolean LANGUAGE sql STABLE RETURN NULL::boolean;
--> statement-breakpoint
CREATE TYPE "public"."sex" AS ENUM('male', 'female');--> statement-breakpoint
CREATE TYPE "public"."subject_status" AS ENUM('screening', 'screen_failure', 'eligible', 'enrolled');--> statement-breakpoint
CREATE TYPE "public"."run_state" AS ENUM('queued', 'running', 'done', 'failed', 'cancelled');--> statement-breakpoint
CREATE TYPE "public"."match_confidence" AS ENUM('certain', 'probable', 'possible');--> statement-breakpoint
CREATE TYPE "public"."pathology_result" AS ENUM('positive', 'negative', 'not_found');--> statement-breakpoint
CREATE TYPE "public"."study_role" AS ENUM('coordinator', 'locating_radiologist', 'reader', 'pathologist', 'data_scientist', 'principal_investigator', 'monitor', 'administrator');--> statement-breakpoint
CREATE TYPE "public"."study_state" AS ENUM('draft', 'running', 'frozen', 'locked');--> statement-breakpoint
CREATE TYPE "public"."call" AS ENUM('positive', 'negative');--> statement-breakpoint
CREATE TYPE "public"."read_source" AS ENUM('reader', 'imported', 'simulated');--> statement-breakpoint
CREATE TABLE "baseline" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"subject_id" uuid NOT NULL,
	"sex" "sex",
	"age_years" integer,
	"t_stage" text,
	"recorded_by" uuid DEFAULT nw.person_id() NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "baseline" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "consent" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"subject_id" uuid NOT NULL,
	"signed_on" date NOT NULL,
	"form_version" text NOT NULL,
	"recorded_by" uuid DEFAULT nw.person_id() NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "consent" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "eligibility_assessment" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"subject_id" uuid NOT NULL,
	"protocol_version_id" uuid NOT NULL,
	"answers" jsonb NOT NULL,
	"verdict" text NOT NULL,
	"reasons" jsonb NOT NULL,
	"assessed_by" uuid DEFAULT nw.person_id() NOT NULL,
	"assessed_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "eligibility_assessment" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "exam" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"subject_id" uuid NOT NULL,
	"performed_on" date NOT NULL,
	"scanner" text NOT NULL,
	"recorded_by" uuid DEFAULT nw.person_id() NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "exam" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "subject" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"site_id" uuid,
	"number" text NOT NULL,
	"status" "subject_status" DEFAULT 'screening' NOT NULL,
	"created_by" uuid DEFAULT nw.person_id() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"enrolled_at" timestamp with time zone,
	CONSTRAINT "subject_number" UNIQUE("study_id","number")
);
--> statement-breakpoint
ALTER TABLE "subject" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "subject_identity" (
	"subject_id" uuid PRIMARY KEY NOT NULL,
	"study_id" uuid NOT NULL,
	"name" text NOT NULL,
	"hospital_number" text NOT NULL,
	"created_by" uuid DEFAULT nw.person_id() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "subject_identity" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "analysis_result" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"run_id" uuid,
	"sha256" text NOT NULL,
	"result" jsonb NOT NULL,
	"created_by" uuid DEFAULT nw.person_id() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "analysis_result" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "audit_change" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_change_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"transaction" bigint DEFAULT txid_current()::bigint NOT NULL,
	"study_id" uuid,
	"person_id" uuid,
	"role" text,
	"table_name" text NOT NULL,
	"operation" text NOT NULL,
	"before" jsonb,
	"after" jsonb
);
--> statement-breakpoint
ALTER TABLE "audit_change" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "audit_event" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_event_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"transaction" bigint DEFAULT txid_current()::bigint NOT NULL,
	"study_id" uuid,
	"person_id" uuid,
	"role" text NOT NULL,
	"action" text NOT NULL,
	"entity" text,
	"entity_id" text,
	"reason" text,
	"detail" jsonb
);
--> statement-breakpoint
ALTER TABLE "audit_event" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "study_lock" (
	"study_id" uuid PRIMARY KEY NOT NULL,
	"locked_by" uuid DEFAULT nw.person_id() NOT NULL,
	"locked_at" timestamp with time zone DEFAULT now() NOT NULL,
	"reason" text,
	"counts" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "study_lock" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "crop" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"node_id" uuid NOT NULL,
	"plane" text NOT NULL,
	"sha256" text NOT NULL,
	"pixel_sha256" text NOT NULL,
	"signature" text,
	"width" integer NOT NULL,
	"height" integer NOT NULL,
	"source_width" integer NOT NULL,
	"source_height" integer NOT NULL,
	"created_by" uuid DEFAULT nw.person_id() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"superseded_at" timestamp with time zone,
	CONSTRAINT "crop_and_study" UNIQUE("id","study_id")
);
--> statement-breakpoint
ALTER TABLE "crop" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "node" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"subject_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"label" text NOT NULL,
	"region" text,
	"created_by" uuid DEFAULT nw.person_id() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "node_ordinal" UNIQUE("subject_id","ordinal"),
	CONSTRAINT "node_label" UNIQUE("subject_id","label")
);
--> statement-breakpoint
ALTER TABLE "node" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "node_exclusion" (
	"node_id" uuid PRIMARY KEY NOT NULL,
	"study_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"excluded_by" uuid DEFAULT nw.person_id() NOT NULL,
	"excluded_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "node_exclusion" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "node_size" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"node_id" uuid NOT NULL,
	"short_axis_mm" numeric(5, 2) NOT NULL,
	"measured_by" uuid DEFAULT nw.person_id() NOT NULL,
	"measured_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "node_size_range" CHECK (short_axis_mm > 0 and short_axis_mm <= 200)
);
--> statement-breakpoint
ALTER TABLE "node_size" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "stored_object" (
	"study_id" uuid NOT NULL,
	"sha256" text NOT NULL,
	"media_type" text NOT NULL,
	"bytes" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "stored_object_key" UNIQUE("study_id","sha256"),
	CONSTRAINT "stored_object_sha256" CHECK (sha256 ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
ALTER TABLE "stored_object" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "checkpoint" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"fold" integer NOT NULL,
	"epoch" integer NOT NULL,
	"sha256" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "checkpoint" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "crop_score" (
	"run_id" uuid NOT NULL,
	"study_id" uuid NOT NULL,
	"crop_id" uuid NOT NULL,
	"fold" integer NOT NULL,
	"score" double precision NOT NULL,
	CONSTRAINT "crop_score_run_id_crop_id_pk" PRIMARY KEY("run_id","crop_id")
);
--> statement-breakpoint
ALTER TABLE "crop_score" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "dataset_item" (
	"snapshot_id" uuid NOT NULL,
	"study_id" uuid NOT NULL,
	"crop_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"subject" text NOT NULL,
	"node" text DEFAULT '' NOT NULL,
	"width" integer DEFAULT 0 NOT NULL,
	"height" integer DEFAULT 0 NOT NULL,
	"short_axis_mm" double precision,
	"sha256" text NOT NULL,
	"pixel_sha256" text NOT NULL,
	"truth" integer NOT NULL,
	"fold" integer NOT NULL,
	CONSTRAINT "dataset_item_snapshot_id_crop_id_pk" PRIMARY KEY("snapshot_id","crop_id")
);
--> statement-breakpoint
ALTER TABLE "dataset_item" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "dataset_snapshot" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"split_unit" text NOT NULL,
	"folds" integer NOT NULL,
	"seed" integer NOT NULL,
	"near_duplicates" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"leakage" jsonb,
	"sha256" text NOT NULL,
	"created_by" uuid DEFAULT nw.person_id() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dataset_snapshot_and_study" UNIQUE("id","study_id")
);
--> statement-breakpoint
ALTER TABLE "dataset_snapshot" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "freeze_sweep" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"snapshot_id" uuid NOT NULL,
	"created_by" uuid DEFAULT nw.person_id() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "freeze_sweep_and_snapshot" UNIQUE("id","snapshot_id")
);
--> statement-breakpoint
ALTER TABLE "freeze_sweep" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "model_run" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"snapshot_id" uuid NOT NULL,
	"sweep_id" uuid,
	"companion_of" uuid,
	"job_id" uuid,
	"state" "run_state" DEFAULT 'queued' NOT NULL,
	"config" jsonb NOT NULL,
	"environment" jsonb,
	"phase" text,
	"done" integer DEFAULT 0 NOT NULL,
	"total" integer DEFAULT 0 NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"error" text,
	"figures" jsonb,
	"created_by" uuid DEFAULT nw.person_id() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"cancel_requested_at" timestamp with time zone,
	"heartbeat_at" timestamp with time zone,
	CONSTRAINT "model_run_and_study" UNIQUE("id","study_id"),
	CONSTRAINT "model_run_and_snapshot" UNIQUE("id","snapshot_id")
);
--> statement-breakpoint
ALTER TABLE "model_run" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "run_fold" (
	"run_id" uuid NOT NULL,
	"study_id" uuid NOT NULL,
	"fold" integer NOT NULL,
	"epochs" integer NOT NULL,
	"chosen_epoch" integer NOT NULL,
	"threshold" double precision NOT NULL,
	"tuning_loss" double precision,
	"tuning_auc" double precision,
	"training_images" integer NOT NULL,
	"tuning_images" integer NOT NULL,
	"model_sha256" text,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "run_fold_run_id_fold_pk" PRIMARY KEY("run_id","fold")
);
--> statement-breakpoint
ALTER TABLE "run_fold" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "run_log" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "run_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"study_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"line" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "run_log" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "run_metric" (
	"run_id" uuid NOT NULL,
	"study_id" uuid NOT NULL,
	"fold" integer NOT NULL,
	"epoch" integer NOT NULL,
	"loss" double precision NOT NULL,
	"validation_loss" double precision,
	"validation_auc" double precision,
	"tuning_loss" double precision,
	"tuning_auc" double precision,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "run_metric_run_id_fold_epoch_pk" PRIMARY KEY("run_id","fold","epoch")
);
--> statement-breakpoint
ALTER TABLE "run_metric" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "run_task" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"job_id" uuid,
	"crop_id" uuid,
	"variant" text DEFAULT '' NOT NULL,
	"state" "run_state" DEFAULT 'queued' NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"total" integer DEFAULT 0 NOT NULL,
	"error" text,
	"result_sha256" text,
	"result_type" text,
	"result_name" text,
	"detail" jsonb,
	"created_by" uuid DEFAULT nw.person_id() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	"heartbeat_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "run_task" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "node_match" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"node_id" uuid NOT NULL,
	"specimen_id" uuid NOT NULL,
	"confidence" "match_confidence" NOT NULL,
	"matched_by" uuid DEFAULT nw.person_id() NOT NULL,
	"matched_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "node_match" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "pathology_report" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"node_id" uuid NOT NULL,
	"result" "pathology_result" NOT NULL,
	"reason" text,
	"supersedes" uuid,
	"reported_by" uuid DEFAULT nw.person_id() NOT NULL,
	"reported_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "pathology_report_supersedes_unique" UNIQUE("supersedes"),
	CONSTRAINT "pathology_report_reason" CHECK ((result <> 'not_found' and supersedes is null) or coalesce(length(trim(reason)), 0) > 0)
);
--> statement-breakpoint
ALTER TABLE "pathology_report" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "specimen" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"subject_id" uuid NOT NULL,
	"label" text NOT NULL,
	"created_by" uuid DEFAULT nw.person_id() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "specimen_label" UNIQUE("subject_id","label")
);
--> statement-breakpoint
ALTER TABLE "specimen" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "credential" (
	"person_id" uuid PRIMARY KEY NOT NULL,
	"password_hash" text NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "credential" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "membership" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"site_id" uuid,
	"role" "study_role" NOT NULL,
	"reader_code" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "membership_reader_has_code" CHECK ((role = 'reader') = (reader_code is not null))
);
--> statement-breakpoint
ALTER TABLE "membership" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "person" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"may_create_studies" boolean DEFAULT false NOT NULL,
	"program" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "person" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "session" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"person_id" uuid NOT NULL,
	"user_agent" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "session" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "sign_in_failure" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"email" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "sign_in_failure" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "site" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"name" text NOT NULL,
	CONSTRAINT "site_name" UNIQUE("study_id","name")
);
--> statement-breakpoint
ALTER TABLE "site" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "study" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"state" "study_state" DEFAULT 'running' NOT NULL,
	"synthetic" boolean DEFAULT false NOT NULL,
	"protocol_version_id" uuid,
	"created_by" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "study_slug_unique" UNIQUE("slug")
);
--> statement-breakpoint
ALTER TABLE "study" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "protocol_version" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"version" text NOT NULL,
	"sha256" text NOT NULL,
	"document" jsonb NOT NULL,
	"source" text NOT NULL,
	"reason" text,
	"created_by" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "protocol_version_hash" UNIQUE("study_id","sha256"),
	CONSTRAINT "protocol_version_name" UNIQUE("study_id","version")
);
--> statement-breakpoint
ALTER TABLE "protocol_version" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "read" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"crop_id" uuid NOT NULL,
	"reader_code" text NOT NULL,
	"condition_key" text NOT NULL,
	"slot_id" uuid,
	"criteria" jsonb NOT NULL,
	"rule_set_key" text,
	"proposed_call" "call",
	"call" "call" NOT NULL,
	"override_reason" text,
	"confidence" integer,
	"active_ms" integer,
	"shown_sha256" text,
	"protocol_version_id" uuid NOT NULL,
	"source" "read_source" NOT NULL,
	"idempotency_key" uuid NOT NULL,
	"submitted_at" timestamp with time zone DEFAULT now() NOT NULL,
	"supersedes" uuid,
	CONSTRAINT "read_idempotencyKey_unique" UNIQUE("idempotency_key"),
	CONSTRAINT "read_once" UNIQUE("study_id","reader_code","condition_key","crop_id"),
	CONSTRAINT "read_slot" UNIQUE("slot_id"),
	CONSTRAINT "read_confidence" CHECK (confidence between 0 and 100),
	CONSTRAINT "read_override_has_reason" CHECK (proposed_call is null or proposed_call = call or coalesce(length(trim(override_reason)), 0) > 0)
);
--> statement-breakpoint
ALTER TABLE "read" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "reading_list" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"membership_id" uuid NOT NULL,
	"protocol_version_id" uuid NOT NULL,
	"condition_key" text NOT NULL,
	"condition_ordinal" integer NOT NULL,
	"batch" integer DEFAULT 1 NOT NULL,
	"shows_size" boolean NOT NULL,
	"wash_out_days" numeric(6, 2) NOT NULL,
	"seed" integer NOT NULL,
	"order_sha256" text NOT NULL,
	"drawn_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "reading_list_once" UNIQUE("membership_id","condition_key","batch")
);
--> statement-breakpoint
ALTER TABLE "reading_list" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "reading_progress" (
	"slot_id" uuid PRIMARY KEY NOT NULL,
	"study_id" uuid NOT NULL,
	"list_id" uuid NOT NULL,
	"submitted_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "reading_progress" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "reading_slot" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"list_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"crop_id" uuid NOT NULL,
	CONSTRAINT "reading_slot_position" UNIQUE("list_id","position")
);
--> statement-breakpoint
ALTER TABLE "reading_slot" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "reading_view" (
	"slot_id" uuid PRIMARY KEY NOT NULL,
	"study_id" uuid NOT NULL,
	"shown_sha256" text NOT NULL,
	"first_shown_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "reading_view" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "baseline" ADD CONSTRAINT "baseline_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "baseline" ADD CONSTRAINT "baseline_subject_id_subject_id_fk" FOREIGN KEY ("subject_id") REFERENCES "public"."subject"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "baseline" ADD CONSTRAINT "baseline_recorded_by_person_id_fk" FOREIGN KEY ("recorded_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consent" ADD CONSTRAINT "consent_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consent" ADD CONSTRAINT "consent_subject_id_subject_id_fk" FOREIGN KEY ("subject_id") REFERENCES "public"."subject"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consent" ADD CONSTRAINT "consent_recorded_by_person_id_fk" FOREIGN KEY ("recorded_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "eligibility_assessment" ADD CONSTRAINT "eligibility_assessment_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "eligibility_assessment" ADD CONSTRAINT "eligibility_assessment_subject_id_subject_id_fk" FOREIGN KEY ("subject_id") REFERENCES "public"."subject"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "eligibility_assessment" ADD CONSTRAINT "eligibility_assessment_protocol_version_id_protocol_version_id_fk" FOREIGN KEY ("protocol_version_id") REFERENCES "public"."protocol_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "eligibility_assessment" ADD CONSTRAINT "eligibility_assessment_assessed_by_person_id_fk" FOREIGN KEY ("assessed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "exam" ADD CONSTRAINT "exam_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "exam" ADD CONSTRAINT "exam_subject_id_subject_id_fk" FOREIGN KEY ("subject_id") REFERENCES "public"."subject"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "exam" ADD CONSTRAINT "exam_recorded_by_person_id_fk" FOREIGN KEY ("recorded_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subject" ADD CONSTRAINT "subject_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subject" ADD CONSTRAINT "subject_site_id_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subject" ADD CONSTRAINT "subject_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subject_identity" ADD CONSTRAINT "subject_identity_subject_id_subject_id_fk" FOREIGN KEY ("subject_id") REFERENCES "public"."subject"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subject_identity" ADD CONSTRAINT "subject_identity_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subject_identity" ADD CONSTRAINT "subject_identity_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "analysis_result" ADD CONSTRAINT "analysis_result_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "analysis_result" ADD CONSTRAINT "analysis_result_run_id_model_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."model_run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "analysis_result" ADD CONSTRAINT "analysis_result_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_change" ADD CONSTRAINT "audit_change_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_event" ADD CONSTRAINT "audit_event_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_event" ADD CONSTRAINT "audit_event_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "study_lock" ADD CONSTRAINT "study_lock_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "study_lock" ADD CONSTRAINT "study_lock_locked_by_person_id_fk" FOREIGN KEY ("locked_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crop" ADD CONSTRAINT "crop_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crop" ADD CONSTRAINT "crop_node_id_node_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."node"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crop" ADD CONSTRAINT "crop_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node" ADD CONSTRAINT "node_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node" ADD CONSTRAINT "node_subject_id_subject_id_fk" FOREIGN KEY ("subject_id") REFERENCES "public"."subject"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node" ADD CONSTRAINT "node_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node_exclusion" ADD CONSTRAINT "node_exclusion_node_id_node_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."node"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node_exclusion" ADD CONSTRAINT "node_exclusion_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node_exclusion" ADD CONSTRAINT "node_exclusion_excluded_by_person_id_fk" FOREIGN KEY ("excluded_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node_size" ADD CONSTRAINT "node_size_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node_size" ADD CONSTRAINT "node_size_node_id_node_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."node"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node_size" ADD CONSTRAINT "node_size_measured_by_person_id_fk" FOREIGN KEY ("measured_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stored_object" ADD CONSTRAINT "stored_object_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "checkpoint" ADD CONSTRAINT "checkpoint_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "checkpoint" ADD CONSTRAINT "checkpoint_of_run" FOREIGN KEY ("run_id","study_id") REFERENCES "public"."model_run"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crop_score" ADD CONSTRAINT "crop_score_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crop_score" ADD CONSTRAINT "crop_score_of_run" FOREIGN KEY ("run_id","study_id") REFERENCES "public"."model_run"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crop_score" ADD CONSTRAINT "crop_score_of_crop" FOREIGN KEY ("crop_id","study_id") REFERENCES "public"."crop"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_item" ADD CONSTRAINT "dataset_item_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_item" ADD CONSTRAINT "dataset_item_of_snapshot" FOREIGN KEY ("snapshot_id","study_id") REFERENCES "public"."dataset_snapshot"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_item" ADD CONSTRAINT "dataset_item_of_crop" FOREIGN KEY ("crop_id","study_id") REFERENCES "public"."crop"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_snapshot" ADD CONSTRAINT "dataset_snapshot_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_snapshot" ADD CONSTRAINT "dataset_snapshot_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "freeze_sweep" ADD CONSTRAINT "freeze_sweep_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "freeze_sweep" ADD CONSTRAINT "freeze_sweep_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "freeze_sweep" ADD CONSTRAINT "freeze_sweep_of_snapshot" FOREIGN KEY ("snapshot_id","study_id") REFERENCES "public"."dataset_snapshot"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_run" ADD CONSTRAINT "model_run_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_run" ADD CONSTRAINT "model_run_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_run" ADD CONSTRAINT "model_run_of_snapshot" FOREIGN KEY ("snapshot_id","study_id") REFERENCES "public"."dataset_snapshot"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_run" ADD CONSTRAINT "model_run_of_sweep" FOREIGN KEY ("sweep_id","snapshot_id") REFERENCES "public"."freeze_sweep"("id","snapshot_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_run" ADD CONSTRAINT "model_run_beside" FOREIGN KEY ("companion_of","snapshot_id") REFERENCES "public"."model_run"("id","snapshot_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_fold" ADD CONSTRAINT "run_fold_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_fold" ADD CONSTRAINT "run_fold_of_run" FOREIGN KEY ("run_id","study_id") REFERENCES "public"."model_run"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_log" ADD CONSTRAINT "run_log_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_log" ADD CONSTRAINT "run_log_of_run" FOREIGN KEY ("run_id","study_id") REFERENCES "public"."model_run"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_metric" ADD CONSTRAINT "run_metric_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_metric" ADD CONSTRAINT "run_metric_of_run" FOREIGN KEY ("run_id","study_id") REFERENCES "public"."model_run"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_task" ADD CONSTRAINT "run_task_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_task" ADD CONSTRAINT "run_task_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_task" ADD CONSTRAINT "run_task_of_run" FOREIGN KEY ("run_id","study_id") REFERENCES "public"."model_run"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_task" ADD CONSTRAINT "run_task_of_crop" FOREIGN KEY ("crop_id","study_id") REFERENCES "public"."crop"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node_match" ADD CONSTRAINT "node_match_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node_match" ADD CONSTRAINT "node_match_node_id_node_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."node"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node_match" ADD CONSTRAINT "node_match_specimen_id_specimen_id_fk" FOREIGN KEY ("specimen_id") REFERENCES "public"."specimen"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node_match" ADD CONSTRAINT "node_match_matched_by_person_id_fk" FOREIGN KEY ("matched_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pathology_report" ADD CONSTRAINT "pathology_report_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pathology_report" ADD CONSTRAINT "pathology_report_node_id_node_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."node"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pathology_report" ADD CONSTRAINT "pathology_report_reported_by_person_id_fk" FOREIGN KEY ("reported_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "specimen" ADD CONSTRAINT "specimen_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "specimen" ADD CONSTRAINT "specimen_subject_id_subject_id_fk" FOREIGN KEY ("subject_id") REFERENCES "public"."subject"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "specimen" ADD CONSTRAINT "specimen_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "credential" ADD CONSTRAINT "credential_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "membership" ADD CONSTRAINT "membership_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "membership" ADD CONSTRAINT "membership_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "membership" ADD CONSTRAINT "membership_site_id_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "site" ADD CONSTRAINT "site_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "study" ADD CONSTRAINT "study_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "protocol_version" ADD CONSTRAINT "protocol_version_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "protocol_version" ADD CONSTRAINT "protocol_version_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_crop_id_crop_id_fk" FOREIGN KEY ("crop_id") REFERENCES "public"."crop"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_slot_id_reading_slot_id_fk" FOREIGN KEY ("slot_id") REFERENCES "public"."reading_slot"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_protocol_version_id_protocol_version_id_fk" FOREIGN KEY ("protocol_version_id") REFERENCES "public"."protocol_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_list" ADD CONSTRAINT "reading_list_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_list" ADD CONSTRAINT "reading_list_membership_id_membership_id_fk" FOREIGN KEY ("membership_id") REFERENCES "public"."membership"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_list" ADD CONSTRAINT "reading_list_protocol_version_id_protocol_version_id_fk" FOREIGN KEY ("protocol_version_id") REFERENCES "public"."protocol_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_progress" ADD CONSTRAINT "reading_progress_slot_id_reading_slot_id_fk" FOREIGN KEY ("slot_id") REFERENCES "public"."reading_slot"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_progress" ADD CONSTRAINT "reading_progress_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_progress" ADD CONSTRAINT "reading_progress_list_id_reading_list_id_fk" FOREIGN KEY ("list_id") REFERENCES "public"."reading_list"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_slot" ADD CONSTRAINT "reading_slot_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_slot" ADD CONSTRAINT "reading_slot_list_id_reading_list_id_fk" FOREIGN KEY ("list_id") REFERENCES "public"."reading_list"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_slot" ADD CONSTRAINT "reading_slot_crop_id_crop_id_fk" FOREIGN KEY ("crop_id") REFERENCES "public"."crop"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_view" ADD CONSTRAINT "reading_view_slot_id_reading_slot_id_fk" FOREIGN KEY ("slot_id") REFERENCES "public"."reading_slot"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_view" ADD CONSTRAINT "reading_view_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "baseline_subject" ON "baseline" USING btree ("subject_id");--> statement-breakpoint
CREATE INDEX "eligibility_assessment_subject" ON "eligibility_assessment" USING btree ("subject_id");--> statement-breakpoint
CREATE INDEX "exam_subject" ON "exam" USING btree ("subject_id");--> statement-breakpoint
CREATE INDEX "audit_change_study" ON "audit_change" USING btree ("study_id","id");--> statement-breakpoint
CREATE INDEX "audit_event_study" ON "audit_event" USING btree ("study_id","id");--> statement-breakpoint
CREATE INDEX "crop_node" ON "crop" USING btree ("node_id");--> statement-breakpoint
CREATE INDEX "crop_pixels" ON "crop" USING btree ("study_id","pixel_sha256");--> statement-breakpoint
CREATE INDEX "crop_image" ON "crop" USING btree ("study_id","sha256");--> statement-breakpoint
CREATE INDEX "node_study" ON "node" USING btree ("study_id");--> statement-breakpoint
CREATE INDEX "node_size_node" ON "node_size" USING btree ("node_id");--> statement-breakpoint
CREATE INDEX "checkpoint_run" ON "checkpoint" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "model_run_study" ON "model_run" USING btree ("study_id");--> statement-breakpoint
CREATE INDEX "run_log_run" ON "run_log" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "run_task_run" ON "run_task" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "node_match_node" ON "node_match" USING btree ("node_id");--> statement-breakpoint
CREATE INDEX "pathology_report_node" ON "pathology_report" USING btree ("node_id");--> statement-breakpoint
CREATE UNIQUE INDEX "membership_once" ON "membership" USING btree ("study_id","person_id","role") WHERE ended_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "membership_reader_code" ON "membership" USING btree ("study_id","reader_code") WHERE ended_at is null and reader_code is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "person_email" ON "person" USING btree (lower("email"));--> statement-breakpoint
CREATE INDEX "session_person" ON "session" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "sign_in_failure_email" ON "sign_in_failure" USING btree ("email","at");--> statement-breakpoint
CREATE INDEX "reading_progress_list" ON "reading_progress" USING btree ("list_id");--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_principal_inves" ON "baseline" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "select_data_scientist" ON "baseline" AS PERMISSIVE FOR SELECT TO "nw_data_scientist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_coordinator_importer" ON "baseline" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_principal_inves" ON "consent" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "select_data_scientist" ON "consent" AS PERMISSIVE FOR SELECT TO "nw_data_scientist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_coordinator_importer" ON "consent" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_principal_inves" ON "eligibility_assessment" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "select_data_scientist" ON "eligibility_assessment" AS PERMISSIVE FOR SELECT TO "nw_data_scientist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_coordinator_importer" ON "eligibility_assessment" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_pathologist_monitor_imp" ON "exam" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_pathologist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "exam" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_coordinator_importer" ON "exam" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_pathologist_monitor" ON "subject" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_locating_radiologist", "nw_monitor", "nw_pathologist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (site_id = (select nw.site_id()) or (select nw.site_id()) is null)));--> statement-breakpoint
CREATE POLICY "select_principal_investigator_importer" ON "subject" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_data_scientist" ON "subject" AS PERMISSIVE FOR SELECT TO "nw_data_scientist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_coordinator_importer" ON "subject" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (site_id = (select nw.site_id()) or (select nw.site_id()) is null)));--> statement-breakpoint
CREATE POLICY "update_coordinator_importer" ON "subject" AS PERMISSIVE FOR UPDATE TO "nw_coordinator", "nw_importer" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (site_id = (select nw.site_id()) or (select nw.site_id()) is null))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (site_id = (select nw.site_id()) or (select nw.site_id()) is null)));--> statement-breakpoint
CREATE POLICY "select_coordinator_pathologist_monitor" ON "subject_identity" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_monitor", "nw_pathologist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "insert_coordinator" ON "subject_identity" AS PERMISSIVE FOR INSERT TO "nw_coordinator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator_importer" ON "analysis_result" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_importer", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_data_scientist_principal_investigator_importer" ON "analysis_result" AS PERMISSIVE FOR INSERT TO "nw_data_scientist", "nw_importer", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_principal_investigator" ON "audit_change" AS PERMISSIVE FOR SELECT TO "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_coordinator_principal_investigator_monitor_administrator" ON "audit_event" AS PERMISSIVE FOR SELECT TO "nw_administrator", "nw_coordinator", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_reader_pathologist_data" ON "study_lock" AS PERMISSIVE FOR SELECT TO "nw_administrator", "nw_coordinator", "nw_data_scientist", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_pathologist", "nw_principal_investigator", "nw_reader" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator_importer" ON "study_lock" AS PERMISSIVE FOR INSERT TO "nw_importer", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_pathologist_monitor_imp" ON "crop" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_pathologist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and node_id in (select id from node)));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "crop" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_worker" ON "crop" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_locating_radiologist_importer" ON "crop" AS PERMISSIVE FOR INSERT TO "nw_importer", "nw_locating_radiologist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and node_id in (select id from node)));--> statement-breakpoint
CREATE POLICY "update_locating_radiologist" ON "crop" AS PERMISSIVE FOR UPDATE TO "nw_locating_radiologist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and node_id in (select id from node))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and node_id in (select id from node)));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_pathologist_monitor_pri" ON "node" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_pathologist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "select_data_scientist" ON "node" AS PERMISSIVE FOR SELECT TO "nw_data_scientist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_locating_radiologist_importer" ON "node" AS PERMISSIVE FOR INSERT TO "nw_importer", "nw_locating_radiologist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_pathologist_monitor_pri" ON "node_exclusion" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_pathologist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and node_id in (select id from node)));--> statement-breakpoint
CREATE POLICY "select_data_scientist" ON "node_exclusion" AS PERMISSIVE FOR SELECT TO "nw_data_scientist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_locating_radiologist_importer" ON "node_exclusion" AS PERMISSIVE FOR INSERT TO "nw_importer", "nw_locating_radiologist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and node_id in (select id from node)));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_pathologist_monitor_imp" ON "node_size" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_pathologist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and node_id in (select id from node)));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "node_size" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_locating_radiologist_importer" ON "node_size" AS PERMISSIVE FOR INSERT TO "nw_importer", "nw_locating_radiologist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and node_id in (select id from node)));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_pathologist_monitor_imp" ON "stored_object" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_pathologist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "stored_object" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_locating_radiologist_importer" ON "stored_object" AS PERMISSIVE FOR INSERT TO "nw_importer", "nw_locating_radiologist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "checkpoint" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "checkpoint" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_worker" ON "checkpoint" AS PERMISSIVE FOR INSERT TO "nw_worker" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "crop_score" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "crop_score" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_worker" ON "crop_score" AS PERMISSIVE FOR INSERT TO "nw_worker" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_data_scientist" ON "crop_score" AS PERMISSIVE FOR INSERT TO "nw_data_scientist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_importer" ON "crop_score" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator" ON "crop_score" AS PERMISSIVE FOR INSERT TO "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "dataset_item" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "dataset_item" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_data_scientist" ON "dataset_item" AS PERMISSIVE FOR INSERT TO "nw_data_scientist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_importer" ON "dataset_item" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator" ON "dataset_item" AS PERMISSIVE FOR INSERT TO "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "dataset_snapshot" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "dataset_snapshot" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_data_scientist" ON "dataset_snapshot" AS PERMISSIVE FOR INSERT TO "nw_data_scientist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_importer" ON "dataset_snapshot" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator" ON "dataset_snapshot" AS PERMISSIVE FOR INSERT TO "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "freeze_sweep" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "freeze_sweep" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_data_scientist" ON "freeze_sweep" AS PERMISSIVE FOR INSERT TO "nw_data_scientist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_importer" ON "freeze_sweep" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator" ON "freeze_sweep" AS PERMISSIVE FOR INSERT TO "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "model_run" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "model_run" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_data_scientist" ON "model_run" AS PERMISSIVE FOR INSERT TO "nw_data_scientist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_importer" ON "model_run" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator" ON "model_run" AS PERMISSIVE FOR INSERT TO "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "update_data_scientist" ON "model_run" AS PERMISSIVE FOR UPDATE TO "nw_data_scientist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked()))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "update_principal_investigator" ON "model_run" AS PERMISSIVE FOR UPDATE TO "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked()))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "update_worker_importer" ON "model_run" AS PERMISSIVE FOR UPDATE TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "run_fold" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "run_fold" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_worker" ON "run_fold" AS PERMISSIVE FOR INSERT TO "nw_worker" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "run_log" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "run_log" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_worker" ON "run_log" AS PERMISSIVE FOR INSERT TO "nw_worker" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "run_metric" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "run_metric" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_worker" ON "run_metric" AS PERMISSIVE FOR INSERT TO "nw_worker" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "run_task" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "run_task" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_data_scientist" ON "run_task" AS PERMISSIVE FOR INSERT TO "nw_data_scientist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_importer" ON "run_task" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator" ON "run_task" AS PERMISSIVE FOR INSERT TO "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "update_worker" ON "run_task" AS PERMISSIVE FOR UPDATE TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_pathologist_monitor_imp" ON "node_match" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_pathologist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and node_id in (select id from node)));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "node_match" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_pathologist_importer" ON "node_match" AS PERMISSIVE FOR INSERT TO "nw_importer", "nw_pathologist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and node_id in (select id from node)));--> statement-breakpoint
CREATE POLICY "select_pathologist_monitor_importer" ON "pathology_report" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_monitor", "nw_pathologist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and node_id in (select id from node)));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "pathology_report" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_pathologist_importer" ON "pathology_report" AS PERMISSIVE FOR INSERT TO "nw_importer", "nw_pathologist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and node_id in (select id from node)));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_pathologist_monitor_imp" ON "specimen" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_pathologist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "specimen" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_pathologist_importer" ON "specimen" AS PERMISSIVE FOR INSERT TO "nw_importer", "nw_pathologist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and subject_id in (select id from subject)));--> statement-breakpoint
CREATE POLICY "select_sign_in" ON "credential" AS PERMISSIVE FOR SELECT TO "nw_sign_in" USING ((select nw.role()) = current_user and (true));--> statement-breakpoint
CREATE POLICY "insert_administrator_principal_investigator_importer" ON "credential" AS PERMISSIVE FOR INSERT TO "nw_administrator", "nw_importer", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (true));--> statement-breakpoint
CREATE POLICY "select_person" ON "membership" AS PERMISSIVE FOR SELECT TO "nw_person" USING ((select nw.role()) = current_user and (person_id = (select nw.person_id())));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_reader_pathologist_data" ON "membership" AS PERMISSIVE FOR SELECT TO "nw_administrator", "nw_coordinator", "nw_data_scientist", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_pathologist", "nw_principal_investigator", "nw_reader", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_person" ON "membership" AS PERMISSIVE FOR INSERT TO "nw_person" WITH CHECK ((select nw.role()) = current_user and (person_id = (select nw.person_id()) and (select nw.may_found(study_id))));--> statement-breakpoint
CREATE POLICY "insert_administrator_principal_investigator_importer" ON "membership" AS PERMISSIVE FOR INSERT TO "nw_administrator", "nw_importer", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "update_administrator_principal_investigator" ON "membership" AS PERMISSIVE FOR UPDATE TO "nw_administrator", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_sign_in" ON "person" AS PERMISSIVE FOR SELECT TO "nw_sign_in" USING ((select nw.role()) = current_user and (true));--> statement-breakpoint
CREATE POLICY "select_person" ON "person" AS PERMISSIVE FOR SELECT TO "nw_person" USING ((select nw.role()) = current_user and (id = (select nw.person_id())));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_reader_pathologist_data" ON "person" AS PERMISSIVE FOR SELECT TO "nw_administrator", "nw_coordinator", "nw_data_scientist", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_pathologist", "nw_principal_investigator", "nw_reader", "nw_worker" USING ((select nw.role()) = current_user and (id = (select nw.person_id()) or id in (select person_id from membership)));--> statement-breakpoint
CREATE POLICY "insert_administrator_principal_investigator_importer" ON "person" AS PERMISSIVE FOR INSERT TO "nw_administrator", "nw_importer", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (not may_create_studies));--> statement-breakpoint
CREATE POLICY "select_sign_in" ON "session" AS PERMISSIVE FOR SELECT TO "nw_sign_in" USING ((select nw.role()) = current_user and (true));--> statement-breakpoint
CREATE POLICY "insert_sign_in" ON "session" AS PERMISSIVE FOR INSERT TO "nw_sign_in" WITH CHECK ((select nw.role()) = current_user and (true));--> statement-breakpoint
CREATE POLICY "update_sign_in" ON "session" AS PERMISSIVE FOR UPDATE TO "nw_sign_in" USING ((select nw.role()) = current_user and (true)) WITH CHECK ((select nw.role()) = current_user and (true));--> statement-breakpoint
CREATE POLICY "select_person" ON "session" AS PERMISSIVE FOR SELECT TO "nw_person" USING ((select nw.role()) = current_user and (person_id = (select nw.person_id())));--> statement-breakpoint
CREATE POLICY "update_person" ON "session" AS PERMISSIVE FOR UPDATE TO "nw_person" USING ((select nw.role()) = current_user and (person_id = (select nw.person_id()))) WITH CHECK ((select nw.role()) = current_user and (person_id = (select nw.person_id())));--> statement-breakpoint
CREATE POLICY "select_sign_in" ON "sign_in_failure" AS PERMISSIVE FOR SELECT TO "nw_sign_in" USING ((select nw.role()) = current_user and (true));--> statement-breakpoint
CREATE POLICY "insert_sign_in" ON "sign_in_failure" AS PERMISSIVE FOR INSERT TO "nw_sign_in" WITH CHECK ((select nw.role()) = current_user and (true));--> statement-breakpoint
CREATE POLICY "select_person" ON "site" AS PERMISSIVE FOR SELECT TO "nw_person" USING ((select nw.role()) = current_user and (study_id in (select study_id from membership)));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_reader_pathologist_data" ON "site" AS PERMISSIVE FOR SELECT TO "nw_administrator", "nw_coordinator", "nw_data_scientist", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_pathologist", "nw_principal_investigator", "nw_reader" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_person" ON "site" AS PERMISSIVE FOR INSERT TO "nw_person" WITH CHECK ((select nw.role()) = current_user and ((select nw.may_found(study_id))));--> statement-breakpoint
CREATE POLICY "insert_administrator" ON "site" AS PERMISSIVE FOR INSERT TO "nw_administrator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_person" ON "study" AS PERMISSIVE FOR SELECT TO "nw_person" USING ((select nw.role()) = current_user and (id in (select study_id from membership) or created_by = (select nw.person_id())));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_reader_pathologist_data" ON "study" AS PERMISSIVE FOR SELECT TO "nw_administrator", "nw_coordinator", "nw_data_scientist", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_pathologist", "nw_principal_investigator", "nw_reader", "nw_worker" USING ((select nw.role()) = current_user and (id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_person" ON "study" AS PERMISSIVE FOR INSERT TO "nw_person" WITH CHECK ((select nw.role()) = current_user and (created_by = (select nw.person_id()) and (select nw.may_create_studies())));--> statement-breakpoint
CREATE POLICY "update_principal_investigator_administrator_importer" ON "study" AS PERMISSIVE FOR UPDATE TO "nw_administrator", "nw_importer", "nw_principal_investigator" USING ((select nw.role()) = current_user and (id = (select nw.study_id()))) WITH CHECK ((select nw.role()) = current_user and (id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_person" ON "protocol_version" AS PERMISSIVE FOR SELECT TO "nw_person" USING ((select nw.role()) = current_user and (study_id in (select id from study)));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_reader_pathologist_data" ON "protocol_version" AS PERMISSIVE FOR SELECT TO "nw_administrator", "nw_coordinator", "nw_data_scientist", "nw_importer", "nw_locating_radiologist", "nw_monitor", "nw_pathologist", "nw_principal_investigator", "nw_reader", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_person" ON "protocol_version" AS PERMISSIVE FOR INSERT TO "nw_person" WITH CHECK ((select nw.role()) = current_user and ((select nw.may_found(study_id))));--> statement-breakpoint
CREATE POLICY "insert_administrator_principal_investigator" ON "protocol_version" AS PERMISSIVE FOR INSERT TO "nw_administrator", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "read" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer" ON "read" AS PERMISSIVE FOR SELECT TO "nw_importer" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_importer" ON "read" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and source <> 'reader'));--> statement-breakpoint
CREATE POLICY "select_coordinator_principal_investigator_monitor_administrator" ON "reading_list" AS PERMISSIVE FOR SELECT TO "nw_administrator", "nw_coordinator", "nw_importer", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_data_scientist" ON "reading_list" AS PERMISSIVE FOR SELECT TO "nw_data_scientist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator_coordinator_importer" ON "reading_list" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_importer", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_coordinator_principal_investigator_monitor_administrator" ON "reading_progress" AS PERMISSIVE FOR SELECT TO "nw_administrator", "nw_coordinator", "nw_importer", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_data_scientist" ON "reading_progress" AS PERMISSIVE FOR SELECT TO "nw_data_scientist" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_principal_investigator_data_scientist" ON "reading_slot" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer" ON "reading_slot" AS PERMISSIVE FOR SELECT TO "nw_importer" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator_coordinator_importer" ON "reading_slot" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_importer", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_principal_investigator_data_scientist" ON "reading_view" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
-- The case that a reader is shown (db/functions/reading.sql).
CREATE TYPE nw.reading_case AS (slot_id uuid, list_id uuid, "position" int, total int, condition_key text, shows_size boolean, plane text, sha256 text,
  width int, height int, short_axis_mm numeric, protocol_version_id uuid, shown_sha256 text);
