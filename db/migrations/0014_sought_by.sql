CREATE INDEX "offers_department" ON "offers" USING btree ("tenant_id","department_id","offered_at");--> statement-breakpoint
CREATE INDEX "audit_events_impersonations" ON "audit_events" USING btree ("tenant_id","action","created_at") WHERE action in ('impersonation.create', 'impersonation.end');--> statement-breakpoint
CREATE INDEX "conversations_inbox" ON "conversations" USING btree ("tenant_id","inbox_id");--> statement-breakpoint
CREATE INDEX "conversations_department" ON "conversations" USING btree ("tenant_id","department_id");--> statement-breakpoint
CREATE INDEX "invitations_role" ON "invitations" USING btree ("tenant_id","role");--> statement-breakpoint
CREATE INDEX "mails_recipient" ON "mails" USING btree ("tenant_id","recipient","created_at");