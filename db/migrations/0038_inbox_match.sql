CREATE TABLE "inbox_match" (
	"inbox_id" uuid PRIMARY KEY NOT NULL,
	"study_id" uuid NOT NULL,
	"exam_id" uuid NOT NULL,
	"begun_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "inbox_match" ADD CONSTRAINT "inbox_match_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_match" ADD CONSTRAINT "inbox_match_of_study" FOREIGN KEY ("inbox_id","study_id") REFERENCES "public"."inbox_study"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_match" ADD CONSTRAINT "inbox_match_of_exam" FOREIGN KEY ("exam_id","study_id") REFERENCES "public"."exam"("id","study_id") ON DELETE no action ON UPDATE no action;