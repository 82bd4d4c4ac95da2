CREATE INDEX "audit_event_refusals" ON "audit_event" USING btree ("study_id","person_id","at") WHERE action = 'access.refused';
