CREATE TABLE "wash_out_override" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"list_id" uuid NOT NULL,
	"opens_at" timestamp with time zone NOT NULL,
	"wash_out_days" numeric(6, 2) NOT NULL,
	"reason" text NOT NULL,
	"signed_name" text NOT NULL,
	"signed_by" uuid DEFAULT nw.person_id() NOT NULL,
	"signed_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "wash_out_override_once" UNIQUE("list_id","opens_at"),
	CONSTRAINT "wash_out_override_in_words" CHECK (length(trim(reason)) > 0),
	CONSTRAINT "wash_out_override_before" CHECK (signed_at < opens_at)
);
--> statement-breakpoint
ALTER TABLE "wash_out_override" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "wash_out_override" ADD CONSTRAINT "wash_out_override_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "wash_out_override" ADD CONSTRAINT "wash_out_override_signed_by_person_id_fk" FOREIGN KEY ("signed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "wash_out_override" ADD CONSTRAINT "wash_out_override_of_list" FOREIGN KEY ("list_id","study_id") REFERENCES "public"."reading_list"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "select_coordinator_principal_investigator_monitor_importer" ON "wash_out_override" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));