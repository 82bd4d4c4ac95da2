DROP TABLE "sign_in_failure";
--> statement-breakpoint
CREATE TABLE "sign_in_brake" (
	"source" text NOT NULL,
	"account" text NOT NULL,
	"failures" double precision DEFAULT 0 NOT NULL,
	"tried_at" timestamp with time zone DEFAULT now() NOT NULL,
	"opens_at" timestamp with time zone DEFAULT now() NOT NULL,
	"known_at" timestamp with time zone,
	CONSTRAINT "sign_in_brake_source_account_pk" PRIMARY KEY("source","account")
);
