CREATE TYPE "public"."unblinded_fact" AS ENUM('pathology', 'size', 'score');--> statement-breakpoint
CREATE TYPE "public"."unblinding_kind" AS ENUM('planned', 'emergency');--> statement-breakpoint
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
ALTER TABLE "unblinding" ADD CONSTRAINT "unblinding_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "unblinding" ADD CONSTRAINT "unblinding_recorded_by_person_id_fk" FOREIGN KEY ("recorded_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "unblinding" ADD CONSTRAINT "unblinding_of_subject" FOREIGN KEY ("subject_id","study_id") REFERENCES "public"."subject"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "unblinding" ADD CONSTRAINT "unblinding_of_member" FOREIGN KEY ("membership_id","study_id") REFERENCES "public"."membership"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "select_coordinator_principal_investigator_monitor" ON "unblinding" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (subject_id is null or subject_id in (select id from subject))));--> statement-breakpoint
CREATE POLICY "select_importer" ON "unblinding" AS PERMISSIVE FOR SELECT TO "nw_importer" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator" ON "unblinding" AS PERMISSIVE FOR INSERT TO "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (subject_id is null or subject_id in (select id from subject)) and (membership_id is null or membership_id in (select id from membership where role = 'reader'))));