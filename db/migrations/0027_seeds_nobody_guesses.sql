ALTER TABLE "reading_list" ALTER COLUMN "seed" SET DATA TYPE text USING "seed"::text;
