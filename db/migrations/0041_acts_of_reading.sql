-- What was under way has ended with the processes of before.
TRUNCATE "inbox_match";--> statement-breakpoint
ALTER TABLE "inbox_match" DROP CONSTRAINT "inbox_match_pkey";--> statement-breakpoint
ALTER TABLE "inbox_match" ADD COLUMN "attempt" uuid DEFAULT gen_random_uuid() NOT NULL;--> statement-breakpoint
ALTER TABLE "inbox_match" ADD COLUMN "begun_by" uuid NOT NULL;--> statement-breakpoint
-- Apart: with the column it would be asked for at once, and the owner has no claim.
ALTER TABLE "inbox_match" ALTER COLUMN "begun_by" SET DEFAULT nw.person_id();--> statement-breakpoint
ALTER TABLE "inbox_match" ADD CONSTRAINT "inbox_match_inbox_id_attempt_pk" PRIMARY KEY("inbox_id","attempt");--> statement-breakpoint
CREATE TYPE "public"."unblinded_fact" AS ENUM('pathology', 'size', 'score');--> statement-breakpoint
CREATE TYPE "public"."unblinding_kind" AS ENUM('planned', 'emergency');--> statement-breakpoint
CREATE TYPE "public"."signature_meaning" AS ENUM('alone_size_hidden', 'alone_size_shown');--> statement-breakpoint
CREATE TABLE "unblinding" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"kind" "unblinding_kind" NOT NULL,
	"subject_id" uuid,
	"membership_id" uuid,
	"told_name" text,
	"told" "unblinded_fact"[] NOT NULL,
	"reason" text NOT NULL,
	"told_at" timestamp with time zone NOT NULL,
	"recorded_by" uuid DEFAULT nw.person_id() NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "unblinding_of_one" CHECK (num_nonnulls(membership_id, told_name) = 1),
	CONSTRAINT "unblinding_of_something" CHECK (cardinality(told) between 1 and 3),
	CONSTRAINT "unblinding_in_words" CHECK (length(trim(reason)) > 0 and length(trim(coalesce(told_name, 'x'))) > 0),
	CONSTRAINT "unblinding_is_past" CHECK (told_at <= recorded_at)
);
--> statement-breakpoint
ALTER TABLE "unblinding" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "practice_case" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"set_number" integer NOT NULL,
	"name" text NOT NULL,
	"truth" "call" NOT NULL,
	"short_axis_mm" numeric(6, 2),
	"explanation" text,
	"added_by" uuid DEFAULT nw.person_id() NOT NULL,
	"added_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "practice_case_and_study" UNIQUE("id","study_id"),
	CONSTRAINT "practice_case_name" UNIQUE("study_id","set_number","name"),
	CONSTRAINT "practice_case_size" CHECK (short_axis_mm > 0 and short_axis_mm <= 200),
	CONSTRAINT "practice_case_texts" CHECK (length(name) between 1 and 120 and length(explanation) between 1 and 2000)
);
--> statement-breakpoint
ALTER TABLE "practice_case" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "practice_image" (
	"case_id" uuid NOT NULL,
	"study_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"plane" text NOT NULL,
	"sha256" text NOT NULL,
	"canvas_sha256" text NOT NULL,
	"pixel_sha256" text NOT NULL,
	CONSTRAINT "practice_image_place" PRIMARY KEY("case_id","ordinal"),
	CONSTRAINT "practice_image_plane" UNIQUE("case_id","plane")
);
--> statement-breakpoint
ALTER TABLE "practice_image" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "practice_read" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"round_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"criteria" jsonb NOT NULL,
	"rule_set_key" text,
	"proposed_call" "call",
	"call" "call",
	"override_reason" text,
	"confidence" integer,
	"rating" double precision,
	"not_evaluable" text,
	"active_ms" integer NOT NULL,
	"idempotency_key" uuid NOT NULL,
	"submitted_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"transaction" bigint DEFAULT txid_current()::bigint NOT NULL,
	CONSTRAINT "practice_read_idempotencyKey_unique" UNIQUE("idempotency_key"),
	CONSTRAINT "practice_read_once" UNIQUE("round_id","case_id")
);
--> statement-breakpoint
CREATE TABLE "practice_round" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"membership_id" uuid NOT NULL,
	"protocol_version_id" uuid NOT NULL,
	"condition_key" text NOT NULL,
	"shows" text[] NOT NULL,
	"number" integer NOT NULL,
	"set_number" integer NOT NULL,
	"pass_mark" numeric(7, 6) NOT NULL,
	"begun_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "practice_round_and_study" UNIQUE("id","study_id"),
	CONSTRAINT "practice_round_once" UNIQUE("membership_id","condition_key","number")
);
--> statement-breakpoint
CREATE TABLE "display_check" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"membership_id" uuid NOT NULL,
	"dark" integer NOT NULL,
	"bright" integer NOT NULL,
	"width" integer NOT NULL,
	"height" integer NOT NULL,
	"pixel_ratio" integer NOT NULL,
	"passed" boolean NOT NULL,
	"checked_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "display_check_found" CHECK (dark between 0 and 2 and bright between 0 and 2),
	CONSTRAINT "display_check_page" CHECK (width between 1 and 65535 and height between 1 and 65535 and pixel_ratio between 10 and 2000)
);
--> statement-breakpoint
ALTER TABLE "display_check" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "read_signature" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"list_id" uuid NOT NULL,
	"reads" integer NOT NULL,
	"reads_sha256" text NOT NULL,
	"meaning" "signature_meaning" NOT NULL,
	"protocol_version_id" uuid NOT NULL,
	"signed_name" text NOT NULL,
	"signed_by" uuid DEFAULT nw.person_id() NOT NULL,
	"signed_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "read_signature_once" UNIQUE("list_id","reads_sha256")
);
--> statement-breakpoint
ALTER TABLE "read_signature" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "reading_reminder" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"membership_id" uuid NOT NULL,
	"reminded_by" uuid DEFAULT nw.person_id() NOT NULL,
	"reminded_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "reading_reminder" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "image_look" (
	"instance_id" uuid NOT NULL,
	"study_id" uuid NOT NULL,
	"sha256" text NOT NULL,
	"waits" boolean NOT NULL,
	"asked_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"taken_at" timestamp with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"looked_at" timestamp with time zone,
	"method" text,
	"letters" jsonb,
	CONSTRAINT "image_look_instance_id_sha256_pk" PRIMARY KEY("instance_id","sha256"),
	CONSTRAINT "image_look_known" CHECK ((looked_at is not null) = (letters is not null) and (method is null or looked_at is not null))
);
--> statement-breakpoint
ALTER TABLE "image_look" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "image_hold" DROP CONSTRAINT "image_hold_once";--> statement-breakpoint
ALTER TABLE "image_hold" DROP CONSTRAINT "image_hold_reason";--> statement-breakpoint
ALTER TABLE "image_hold" ADD COLUMN "sha256" text;--> statement-breakpoint
ALTER TABLE "unblinding" ADD CONSTRAINT "unblinding_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "unblinding" ADD CONSTRAINT "unblinding_recorded_by_person_id_fk" FOREIGN KEY ("recorded_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "unblinding" ADD CONSTRAINT "unblinding_of_subject" FOREIGN KEY ("subject_id","study_id") REFERENCES "public"."subject"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "unblinding" ADD CONSTRAINT "unblinding_of_member" FOREIGN KEY ("membership_id","study_id") REFERENCES "public"."membership"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_case" ADD CONSTRAINT "practice_case_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_case" ADD CONSTRAINT "practice_case_added_by_person_id_fk" FOREIGN KEY ("added_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_image" ADD CONSTRAINT "practice_image_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_image" ADD CONSTRAINT "practice_image_of_case" FOREIGN KEY ("case_id","study_id") REFERENCES "public"."practice_case"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_image" ADD CONSTRAINT "practice_image_of_file" FOREIGN KEY ("study_id","sha256") REFERENCES "public"."stored_object"("study_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_image" ADD CONSTRAINT "practice_image_of_canvas" FOREIGN KEY ("study_id","canvas_sha256") REFERENCES "public"."stored_object"("study_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_read" ADD CONSTRAINT "practice_read_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_read" ADD CONSTRAINT "practice_read_of_round" FOREIGN KEY ("round_id","study_id") REFERENCES "public"."practice_round"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_read" ADD CONSTRAINT "practice_read_of_case" FOREIGN KEY ("case_id","study_id") REFERENCES "public"."practice_case"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_round" ADD CONSTRAINT "practice_round_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_round" ADD CONSTRAINT "practice_round_of_member" FOREIGN KEY ("membership_id","study_id") REFERENCES "public"."membership"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_round" ADD CONSTRAINT "practice_round_of_protocol_version" FOREIGN KEY ("protocol_version_id","study_id") REFERENCES "public"."protocol_version"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "display_check" ADD CONSTRAINT "display_check_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "display_check" ADD CONSTRAINT "display_check_of_member" FOREIGN KEY ("membership_id","study_id") REFERENCES "public"."membership"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "read_signature" ADD CONSTRAINT "read_signature_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "read_signature" ADD CONSTRAINT "read_signature_signed_by_person_id_fk" FOREIGN KEY ("signed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "read_signature" ADD CONSTRAINT "read_signature_of_list" FOREIGN KEY ("list_id","study_id") REFERENCES "public"."reading_list"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "read_signature" ADD CONSTRAINT "read_signature_of_protocol_version" FOREIGN KEY ("protocol_version_id","study_id") REFERENCES "public"."protocol_version"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_reminder" ADD CONSTRAINT "reading_reminder_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_reminder" ADD CONSTRAINT "reading_reminder_reminded_by_person_id_fk" FOREIGN KEY ("reminded_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reading_reminder" ADD CONSTRAINT "reading_reminder_of_member" FOREIGN KEY ("membership_id","study_id") REFERENCES "public"."membership"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_look" ADD CONSTRAINT "image_look_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_look" ADD CONSTRAINT "image_look_of_instance" FOREIGN KEY ("instance_id","study_id") REFERENCES "public"."image_instance"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "practice_image_pixels" ON "practice_image" USING btree ("study_id","pixel_sha256");--> statement-breakpoint
CREATE INDEX "display_check_member" ON "display_check" USING btree ("membership_id");--> statement-breakpoint
CREATE INDEX "reading_reminder_member" ON "reading_reminder" USING btree ("membership_id");--> statement-breakpoint
CREATE INDEX "image_look_taken" ON "image_look" USING btree ("taken_at");--> statement-breakpoint
CREATE INDEX "image_look_to_do" ON "image_look" USING btree ("asked_at") WHERE looked_at is null;--> statement-breakpoint
ALTER TABLE "inbox_match" ADD CONSTRAINT "inbox_match_begun_by_person_id_fk" FOREIGN KEY ("begun_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_hold" ADD CONSTRAINT "image_hold_once" UNIQUE NULLS NOT DISTINCT("instance_id","reason","sha256");--> statement-breakpoint
ALTER TABLE "image_hold" ADD CONSTRAINT "image_hold_looked" CHECK ((sha256 is not null) = (reason in ('letters_seen', 'not_looked_at')));--> statement-breakpoint
ALTER TABLE "image_hold" ADD CONSTRAINT "image_hold_reason" CHECK (reason in ('burned_in_flag', 'secondary_capture', 'other_patient', 'letters_seen', 'not_looked_at'));--> statement-breakpoint
CREATE POLICY "select_coordinator_principal_investigator_monitor" ON "unblinding" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (subject_id is null or subject_id in (select id from subject))));--> statement-breakpoint
CREATE POLICY "select_importer" ON "unblinding" AS PERMISSIVE FOR SELECT TO "nw_importer" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator" ON "unblinding" AS PERMISSIVE FOR INSERT TO "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (subject_id is null or subject_id in (select id from subject)) and (membership_id is null or membership_id in (select id from membership where role = 'reader'))));--> statement-breakpoint
CREATE POLICY "select_principal_investigator_coordinator_importer" ON "practice_case" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_importer" ON "practice_case" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_principal_investigator_coordinator_importer" ON "practice_image" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_importer" ON "practice_image" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_coordinator_principal_investigator_monitor" ON "display_check" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_coordinator_principal_investigator_monitor_importer" ON "read_signature" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_coordinator_principal_investigator_monitor" ON "reading_reminder" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_coordinator_principal_investigator" ON "reading_reminder" AS PERMISSIVE FOR INSERT TO "nw_coordinator", "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_importer" ON "image_look" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and instance_id in (select id from image_instance)));