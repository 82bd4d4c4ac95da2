CREATE TABLE "crop_source" (
	"crop_id" uuid PRIMARY KEY NOT NULL,
	"study_id" uuid NOT NULL,
	"instance_id" uuid NOT NULL,
	"frame" integer NOT NULL,
	"box_left" integer NOT NULL,
	"box_top" integer NOT NULL,
	"box_width" integer NOT NULL,
	"box_height" integer NOT NULL,
	"window_low" double precision NOT NULL,
	"window_high" double precision NOT NULL,
	"row_spacing" double precision,
	"column_spacing" double precision,
	"cut_by" uuid DEFAULT nw.person_id() NOT NULL,
	"cut_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "crop_source_box" CHECK (frame >= 1 and box_left >= 0 and box_top >= 0 and box_width >= 1 and box_height >= 1 and window_low < window_high)
);
--> statement-breakpoint
ALTER TABLE "crop_source" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "date_offset" (
	"subject_id" uuid PRIMARY KEY NOT NULL,
	"study_id" uuid NOT NULL,
	"days" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "date_offset_days" CHECK (days <> 0)
);
--> statement-breakpoint
CREATE TABLE "deidentification_key" (
	"study_id" uuid PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "deidentification_key_hex" CHECK (key ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "hold_decision" (
	"hold_id" uuid PRIMARY KEY NOT NULL,
	"study_id" uuid NOT NULL,
	"decision" text NOT NULL,
	"reason" text NOT NULL,
	"decided_by" uuid DEFAULT nw.person_id() NOT NULL,
	"decided_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "hold_decision_known" CHECK (decision in ('cleared', 'rejected'))
);
--> statement-breakpoint
ALTER TABLE "hold_decision" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "image_hold" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"instance_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"boxes" jsonb NOT NULL,
	"held_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "image_hold_and_study" UNIQUE("id","study_id"),
	CONSTRAINT "image_hold_once" UNIQUE("instance_id","reason"),
	CONSTRAINT "image_hold_reason" CHECK (reason in ('burned_in_flag', 'secondary_capture', 'other_patient'))
);
--> statement-breakpoint
ALTER TABLE "image_hold" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "image_instance" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"series_id" uuid NOT NULL,
	"upload_id" uuid NOT NULL,
	"uid" text NOT NULL,
	"frame_of_reference_uid" text,
	"sop_class_uid" text NOT NULL,
	"transfer_syntax_uid" text NOT NULL,
	"sha256" text NOT NULL,
	"pixel_sha256" text NOT NULL,
	"source_digest" text NOT NULL,
	"patient_digest" text NOT NULL,
	"bytes" bigint NOT NULL,
	"number" integer,
	"frames" integer NOT NULL,
	"rows" integer NOT NULL,
	"columns" integer NOT NULL,
	"planes" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "image_instance_and_study" UNIQUE("id","study_id"),
	CONSTRAINT "image_instance_uid" UNIQUE("study_id","uid"),
	CONSTRAINT "image_instance_frames" CHECK (frames >= 1 and rows >= 1 and columns >= 1)
);
--> statement-breakpoint
ALTER TABLE "image_instance" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "image_quality" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"exam_id" uuid NOT NULL,
	"verdict" text NOT NULL,
	"reasons" text[] NOT NULL,
	"judged_by" uuid DEFAULT nw.person_id() NOT NULL,
	"judged_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "image_quality_verdict" CHECK (verdict in ('usable', 'limited', 'unusable') and (verdict = 'usable' or array_length(reasons, 1) > 0))
);
--> statement-breakpoint
ALTER TABLE "image_quality" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "image_series" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"exam_id" uuid NOT NULL,
	"uid" text NOT NULL,
	"modality" text,
	"number" integer,
	"description" text,
	"parameters" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "image_series_and_study" UNIQUE("id","study_id"),
	CONSTRAINT "image_series_uid" UNIQUE("study_id","uid")
);
--> statement-breakpoint
ALTER TABLE "image_series" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "image_upload" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"exam_id" uuid NOT NULL,
	"source" text NOT NULL,
	"created_by" uuid DEFAULT nw.person_id() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "image_upload_and_study" UNIQUE("id","study_id"),
	CONSTRAINT "image_upload_source" CHECK (source = 'browser')
);
--> statement-breakpoint
ALTER TABLE "image_upload" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "measurement" (
	"size_id" uuid PRIMARY KEY NOT NULL,
	"study_id" uuid NOT NULL,
	"node_id" uuid NOT NULL,
	"instance_id" uuid NOT NULL,
	"frame" integer NOT NULL,
	"long_axis_mm" double precision NOT NULL,
	"ends" double precision[] NOT NULL,
	"row_spacing" double precision NOT NULL,
	"column_spacing" double precision NOT NULL,
	"spacing_source" text NOT NULL,
	"repeat" integer NOT NULL,
	"measured_by" uuid DEFAULT nw.person_id() NOT NULL,
	"measured_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "measurement_repeat" UNIQUE("node_id","measured_by","repeat"),
	CONSTRAINT "measurement_ends" CHECK (array_length(ends, 1) = 12),
	CONSTRAINT "measurement_frame" CHECK (frame >= 1 and repeat >= 1 and long_axis_mm > 0)
);
--> statement-breakpoint
ALTER TABLE "measurement" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "uploaded_file" (
	"upload_id" uuid NOT NULL,
	"study_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"outcome" text NOT NULL,
	"reason" jsonb,
	"instance_id" uuid,
	"bytes" bigint NOT NULL,
	"received_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "uploaded_file_upload_id_ordinal_pk" PRIMARY KEY("upload_id","ordinal"),
	CONSTRAINT "uploaded_file_outcome" CHECK (outcome in ('accepted', 'known', 'held', 'refused')),
	CONSTRAINT "uploaded_file_reason" CHECK ((reason is not null) = (outcome in ('held', 'refused'))),
	CONSTRAINT "uploaded_file_instance" CHECK ((instance_id is null) = (outcome = 'refused'))
);
--> statement-breakpoint
ALTER TABLE "uploaded_file" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "exam" ADD CONSTRAINT "exam_and_study" UNIQUE("id","study_id");--> statement-breakpoint
ALTER TABLE "node_size" ADD CONSTRAINT "node_size_and_study" UNIQUE("id","study_id");--> statement-breakpoint
ALTER TABLE "crop_source" ADD CONSTRAINT "crop_source_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crop_source" ADD CONSTRAINT "crop_source_cut_by_person_id_fk" FOREIGN KEY ("cut_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crop_source" ADD CONSTRAINT "crop_source_of_crop" FOREIGN KEY ("crop_id","study_id") REFERENCES "public"."crop"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crop_source" ADD CONSTRAINT "crop_source_of_instance" FOREIGN KEY ("instance_id","study_id") REFERENCES "public"."image_instance"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "date_offset" ADD CONSTRAINT "date_offset_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "date_offset" ADD CONSTRAINT "date_offset_of_subject" FOREIGN KEY ("subject_id","study_id") REFERENCES "public"."subject"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deidentification_key" ADD CONSTRAINT "deidentification_key_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hold_decision" ADD CONSTRAINT "hold_decision_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hold_decision" ADD CONSTRAINT "hold_decision_decided_by_person_id_fk" FOREIGN KEY ("decided_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hold_decision" ADD CONSTRAINT "hold_decision_of_hold" FOREIGN KEY ("hold_id","study_id") REFERENCES "public"."image_hold"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_hold" ADD CONSTRAINT "image_hold_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_hold" ADD CONSTRAINT "image_hold_of_instance" FOREIGN KEY ("instance_id","study_id") REFERENCES "public"."image_instance"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_instance" ADD CONSTRAINT "image_instance_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_instance" ADD CONSTRAINT "image_instance_of_series" FOREIGN KEY ("series_id","study_id") REFERENCES "public"."image_series"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_instance" ADD CONSTRAINT "image_instance_of_upload" FOREIGN KEY ("upload_id","study_id") REFERENCES "public"."image_upload"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_instance" ADD CONSTRAINT "image_instance_of_file" FOREIGN KEY ("study_id","sha256") REFERENCES "public"."stored_object"("study_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_quality" ADD CONSTRAINT "image_quality_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_quality" ADD CONSTRAINT "image_quality_judged_by_person_id_fk" FOREIGN KEY ("judged_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_quality" ADD CONSTRAINT "image_quality_of_exam" FOREIGN KEY ("exam_id","study_id") REFERENCES "public"."exam"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_series" ADD CONSTRAINT "image_series_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_series" ADD CONSTRAINT "image_series_of_exam" FOREIGN KEY ("exam_id","study_id") REFERENCES "public"."exam"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_upload" ADD CONSTRAINT "image_upload_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_upload" ADD CONSTRAINT "image_upload_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_upload" ADD CONSTRAINT "image_upload_of_exam" FOREIGN KEY ("exam_id","study_id") REFERENCES "public"."exam"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "measurement" ADD CONSTRAINT "measurement_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "measurement" ADD CONSTRAINT "measurement_measured_by_person_id_fk" FOREIGN KEY ("measured_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "measurement" ADD CONSTRAINT "measurement_of_size" FOREIGN KEY ("size_id","study_id") REFERENCES "public"."node_size"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "measurement" ADD CONSTRAINT "measurement_of_node" FOREIGN KEY ("node_id","study_id") REFERENCES "public"."node"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "measurement" ADD CONSTRAINT "measurement_of_instance" FOREIGN KEY ("instance_id","study_id") REFERENCES "public"."image_instance"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "uploaded_file" ADD CONSTRAINT "uploaded_file_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "uploaded_file" ADD CONSTRAINT "uploaded_file_of_upload" FOREIGN KEY ("upload_id","study_id") REFERENCES "public"."image_upload"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "uploaded_file" ADD CONSTRAINT "uploaded_file_of_instance" FOREIGN KEY ("instance_id","study_id") REFERENCES "public"."image_instance"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "crop_source_instance" ON "crop_source" USING btree ("instance_id");--> statement-breakpoint
CREATE INDEX "image_instance_series" ON "image_instance" USING btree ("series_id");--> statement-breakpoint
CREATE INDEX "image_instance_upload" ON "image_instance" USING btree ("upload_id");--> statement-breakpoint
CREATE INDEX "image_instance_source" ON "image_instance" USING btree ("study_id","source_digest");--> statement-breakpoint
CREATE INDEX "image_instance_file" ON "image_instance" USING btree ("study_id","sha256");--> statement-breakpoint
CREATE INDEX "image_quality_exam" ON "image_quality" USING btree ("exam_id");--> statement-breakpoint
CREATE INDEX "image_series_exam" ON "image_series" USING btree ("exam_id");--> statement-breakpoint
CREATE INDEX "image_upload_exam" ON "image_upload" USING btree ("exam_id");--> statement-breakpoint
CREATE INDEX "measurement_node" ON "measurement" USING btree ("node_id");--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_importer" ON "crop_source" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and crop_id in (select id from crop)));
--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "crop_source" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "insert_locating_radiologist" ON "crop_source" AS PERMISSIVE FOR INSERT TO "nw_locating_radiologist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and crop_id in (select id from crop where created_at = now())));
--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_importer" ON "hold_decision" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and hold_id in (select id from image_hold)));
--> statement-breakpoint
CREATE POLICY "insert_coordinator" ON "hold_decision" AS PERMISSIVE FOR INSERT TO "nw_coordinator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and hold_id in (select id from image_hold)));
--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_importer" ON "image_hold" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and instance_id in (select id from image_instance)));
--> statement-breakpoint
CREATE POLICY "insert_coordinator_importer" ON "image_hold" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and instance_id in (select id from image_instance)));
--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_importer" ON "image_instance" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and series_id in (select id from image_series)));
--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "image_instance" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_worker" ON "image_instance" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
CREATE POLICY "insert_coordinator_importer" ON "image_instance" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and series_id in (select id from image_series)));
--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_importer" ON "image_quality" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and exam_id in (select id from exam)));
--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "image_quality" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "insert_locating_radiologist" ON "image_quality" AS PERMISSIVE FOR INSERT TO "nw_locating_radiologist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and exam_id in (select id from exam)));
--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_importer" ON "image_series" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and exam_id in (select id from exam)));
--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "image_series" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "insert_coordinator_importer" ON "image_series" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and exam_id in (select id from exam)));
--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_importer" ON "image_upload" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and exam_id in (select id from exam)));
--> statement-breakpoint
CREATE POLICY "insert_coordinator_importer" ON "image_upload" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and exam_id in (select id from exam)));
--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_importer" ON "measurement" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and node_id in (select id from node)));
--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "measurement" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "insert_locating_radiologist" ON "measurement" AS PERMISSIVE FOR INSERT TO "nw_locating_radiologist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and node_id in (select id from node)));
--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_importer" ON "uploaded_file" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and upload_id in (select id from image_upload)));
--> statement-breakpoint
CREATE POLICY "insert_coordinator_importer" ON "uploaded_file" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and upload_id in (select id from image_upload)));