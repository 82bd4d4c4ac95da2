CREATE TABLE "person_setting" (
	"person_id" uuid DEFAULT nw.person_id() NOT NULL,
	"name" text NOT NULL,
	"value" jsonb NOT NULL,
	CONSTRAINT "person_setting_person_id_name_pk" PRIMARY KEY("person_id","name"),
	CONSTRAINT "person_setting_name" CHECK (name in ('viewer_keys'))
);
--> statement-breakpoint
ALTER TABLE "person_setting" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "exam_time" (
	"exam_id" uuid NOT NULL,
	"study_id" uuid NOT NULL,
	"spent_by" uuid DEFAULT nw.person_id() NOT NULL,
	"seconds" integer DEFAULT 0 NOT NULL,
	"first_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"last_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "exam_time_exam_id_spent_by_pk" PRIMARY KEY("exam_id","spent_by"),
	CONSTRAINT "exam_time_passed" CHECK (seconds between 0 and extract(epoch from last_at - first_at))
);
--> statement-breakpoint
ALTER TABLE "exam_time" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "person_setting" ADD CONSTRAINT "person_setting_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "exam_time" ADD CONSTRAINT "exam_time_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "exam_time" ADD CONSTRAINT "exam_time_spent_by_person_id_fk" FOREIGN KEY ("spent_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "exam_time" ADD CONSTRAINT "exam_time_of_exam" FOREIGN KEY ("exam_id","study_id") REFERENCES "public"."exam"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "select_person" ON "person_setting" AS PERMISSIVE FOR SELECT TO "nw_person" USING ((select nw.role()) = current_user and (person_id = (select nw.person_id())));--> statement-breakpoint
CREATE POLICY "insert_person" ON "person_setting" AS PERMISSIVE FOR INSERT TO "nw_person" WITH CHECK ((select nw.role()) = current_user and (person_id = (select nw.person_id())));--> statement-breakpoint
CREATE POLICY "update_person" ON "person_setting" AS PERMISSIVE FOR UPDATE TO "nw_person" USING ((select nw.role()) = current_user and (person_id = (select nw.person_id()))) WITH CHECK ((select nw.role()) = current_user and (person_id = (select nw.person_id())));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_importer" ON "exam_time" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and exam_id in (select id from exam)));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "exam_time" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));